"""Diverse colorization on the image tower, the tint apart: the paper's system (Deshpande 2017), and what z is for.

Pictures, conditions and color fields are those of `color_vae`. A color field is the mean that the grey picture tells,
plus one tint for the whole picture, plus what z says of the things in it.

With z alone, four fifths of what differed between answers was one tint over everything: it is the cheapest way to be
nearer to the truth. So the tint t, (B, 2), is a latent of its own, told to the decoder, and z is left with the things.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal
from torch.nn import functional as F

from vaedemo.models import one_object
from vaedemo.models.base import Terms, model
from vaedemo.models.color_fields import Answers, Draws
from vaedemo.models.color_nets import Mixture, density
from vaedemo.models.color_vae import ColorCVAE, Grey, field_of, tint_of
from vaedemo.models.image_tower import photos_light
from vaedemo.models.one_object import belonging, response

TINT = 10.0  # t times this is about as large as z
BLUR = 0.1  # sigma of the posterior of TINT t: 1.3 of ab
DRAWN = 256  # draws that tell how colors at a place are distributed
MANY = 128  # draws that the answers are chosen among
IN_CACHE = 16  # fields painted in one pass: more would not fit a processor's cache
CALM = 0.7  # of the tint's deviation, when answers are drawn
APART = 0.5  # of what is one tint over the whole picture, and counts as no difference between draws
# How far a group's mean z lies from that of all draws, in what it says of things; means lie nearer to the middle than
# draws do. With the tint left where it is, 1.6 and not 1.5 costs the nearest of eight 1 % of error, on validation, and
# gives things an eighth more of variance.
STRETCH = 1.6


class OneObject(NamedTuple):
    """One thing of a grey picture in other colors."""

    fields: Tensor  # (n, 2, 32, 32), alike elsewhere, in the order of the hues that were wanted there
    part: Tensor  # how much each cell belongs to the thing, from 0 to 1, (32, 32)
    colors: Tensor  # ab / 128 at the chosen cell in draws of P(z, t|grey) as they come, (DRAWN, 2)


class Known(NamedTuple):
    """What the model makes of one grey picture, before any code."""

    grey: Grey
    laid: list[Tensor]


@model("colorization")
class Colorization(ColorCVAE):
    """The VAE of color fields with the tint apart, and P(z, t|grey), a mixture density net.

    A code is z and `TINT` t in a row. The mixture learns the codes that the encoder draws, which do not learn from it.
    """

    CARD = (
        "Diverse colorization (Deshpande et al. 2017) on features of ImageNet: a VAE of color fields, ab at 32 x 32, "
        "whose loss weighs rare colors, principal components and gradients; and a mixture density net of 8 Gaussians "
        "over its codes, given the grey picture. Unlike the paper's, a field is the mean that the grey picture tells, "
        "plus one tint, plus what z says of the things in it: the tint is a latent of its own, so that z need not "
        "carry it. The decoder sees the maps of `imagenet-tower`, which is frozen, so that edges are the photo's own. "
        "In pictures of things whose color is free the hue of one region was turned in training. "
        "`model.answers(y, 8, seed=0)` are groups of 128 draws, grouped by how things differ, the largest first: their "
        "mean codes. All of a code but its tint is moved to 1.6 times its distance from the middle, since means lie "
        "nearer to it than draws do; with `tints=True` they may differ by a tint of the whole picture, and are not "
        "moved. Their weights are the groups' shares."
    )

    def __init__(self, z: int, mixture: int, hidden: int, unsure: float = 0.3, **net):
        """`unsure`: the dropout of the mixture density net."""
        super().__init__(z, told=2, **net)
        self.mixture = mixture
        self.foreteller = Mixture(self.z, mixture, hidden, unsure, net["maps"][0])

    def posterior(self, x: Tensor, grey: Grey, true: Tensor | None = None) -> Independent:
        ab, mean = field_of(x), grey.mean.detach()
        tint = tint_of((ab if true is None else true) - mean)  # a thing's new color is no tint
        means, log_sigmas = self.encoder(ab - mean - tint[:, :, None, None], photos_light(x), grey.maps)
        codes = torch.cat([means, TINT * tint], 1)
        sigmas = torch.cat([log_sigmas.exp(), torch.full_like(tint, BLUR)], 1)
        return Independent(Normal(codes, sigmas), 1)

    def painted(self, z: Tensor, laid: Sequence[Tensor]) -> Tensor:
        """Color fields (B, 2, 32, 32) of codes (B, Z): the mean, the tint, and what the code says of things."""
        return super().painted(z, laid) + z[:, -2:, None, None] / TINT

    def prior(self, y: Tensor | None = None) -> Distribution:
        """P(z, t|grey) for grey pictures y (B, 25600), a mixture of batch shape (B,) and event shape (Z,)."""
        if y is None:
            raise ValueError("y: the grey picture to color is wanted")
        return density(*self._foretold(self.grey(y)))

    def _foretold(self, grey: Grey) -> tuple[Tensor, Tensor, Tensor]:
        return self.foreteller(grey.maps[0].detach(), grey.top)

    def forecast(self, grey: Grey, z: Tensor) -> Terms:
        return {"missed": -density(*self._foretold(grey)).log_prob(z).mean()}

    def drawn(self, grey: Grey, n: int, seed: int, calm: float = 1.0, temperature: float = 1.0) -> Tensor:
        """n codes (n, Z) of P(z, t|grey) for one picture, each tint `calm` times as far from the tints' mean."""
        logits, means, sigmas = (told[0] for told in self._foretold(grey))
        dice = torch.Generator().manual_seed(seed)
        which = torch.multinomial(logits.exp(), n, replacement=True, generator=dice)
        z = means[which] + temperature * sigmas[which] * torch.randn(n, self.z, generator=dice)
        middle = (logits.exp()[:, None] * means[:, -2:]).sum(0)
        return torch.cat([z[:, :-2], torch.lerp(middle, z[:, -2:], calm)], 1)

    def answers(self, y: Tensor, n: int, seed: int, tints: bool = False) -> Answers:
        """n colorings of the grey picture y (25600,), at most `mixture`: stretched means of groups of `MANY` draws.

        Draws are grouped by how their things differ, most of what is one tint left out, and tints are drawn near their
        mean; with `tints` neither, and means are not stretched. A tint never is. The draws are the same whatever the
        seed, so that the answers are the picture's own.
        """
        return self.answers_of(self.looked_at(y), n, tints)

    def looked_at(self, y: Tensor) -> Known:
        """What `answers_of` and `draws_of` take of the grey picture y (25600,)."""
        grey = self.grey(y[None])
        return Known(grey, self.laid_of(grey))

    def answers_of(self, known: Known, n: int, tints: bool = False) -> Answers:
        """`answers` of a picture that is known."""
        grey, laid = known
        codes = self.drawn(grey, MANY, 0, 1.0 if tints else CALM)
        group = grouped(self._in_parts(codes, laid), self.mixture, 0.0 if tints else APART)
        whose = F.one_hot(group, self.mixture).T.float()  # (K, MANY)
        share = whose.sum(1)
        order = share.argsort(descending=True)[: min(n, int((share > 0).sum()))]
        mean = codes.mean(0)
        moved = whose[order] @ codes / share[order, None] - mean
        if not tints:
            moved[:, :-2] *= STRETCH
        z = mean + moved
        return Answers(self.painted(z, laid), share[order] / MANY, z)

    def draws(self, y: Tensor, n: int, seed: int, half: bool = False) -> Draws:
        """n draws of P(z, t|grey) for the grey picture y (25600,), each counted to the answer that it is nearest to.

        half: they are painted in bfloat16, in half the time where the processor has it; a color is off by less than a
        level of a byte then.
        """
        known = self.looked_at(y)
        return self.draws_of(known, self.answers_of(known, self.mixture), n, seed, half)

    def draws_of(self, known: Known, answers: Answers, n: int, seed: int, half: bool = False) -> Draws:
        """`draws` of a picture that is known, with all its answers."""
        codes = self.drawn(known.grey, n, seed)
        with torch.autocast(codes.device.type, torch.bfloat16, enabled=half):
            fields = self._in_parts(codes, known.laid)
        return Draws(distances(fields, answers.fields, APART).argmin(1), fields)

    def _in_parts(self, codes: Tensor, laid: Sequence[Tensor]) -> Tensor:
        """`painted` in two thirds of the time of one pass."""
        return torch.cat([self.painted(part, laid).float() for part in codes.split(IN_CACHE)])

    def of_one_object(self, y: Tensor, row: int, column: int, n: int, seed: int) -> OneObject:
        """The grey picture y (25600,) in n colorings that differ at one cell and what belongs to it, and agree with the
        first answer elsewhere. The colors there run through P(color|grey): the quantiles of `DRAWN` draws by hue."""
        known = self.looked_at(y)
        grey, laid = known
        codes = self.drawn(grey, DRAWN, seed)
        fields = self._in_parts(codes, laid)
        base = self.answers_of(known, 1).z
        assert base is not None
        field = self.painted(base, laid)[0]
        known = response(codes[:, :-2], fields - codes[:, -2:, None, None] / TINT)  # the tint is no thing's
        part = belonging(known, row, column)
        colors = fields[:, :, row, column]
        hues = torch.atan2(colors[:, 1], colors[:, 0]).argsort()
        wanted = colors[hues[((torch.arange(n) + 0.5) * DRAWN / n).long()]]
        z = one_object.recolored(base[0, :-2], wanted - field[:, row, column], known, row, column, part)
        return OneObject(self.painted(torch.cat([z, base[:, -2:].expand(n, 2)], 1), laid), part, colors)

    @torch.no_grad()
    def sample(self, n: int, temperature: float = 1.0, seed: int = 0, y: Tensor | None = None) -> Tensor:
        """The colors alone, (n, 3, 32, 32) in [0, 1], of codes from P(z, t|grey) for each of the grey pictures y
        (n, 25600); `temperature` widens its components. Raises ValueError."""
        if y is None or y.shape != (n, self.y):
            raise ValueError(f"y: this model wants a condition of shape {(n, self.y)} for {n} pictures")
        each = [self.grey(one) for one in y.split(1)]
        z = [self.drawn(grey, 1, seed + i, temperature=temperature) for i, grey in enumerate(each)]
        return self.render(torch.cat([self.painted(code, self.laid_of(grey)) for code, grey in zip(z, each)]))


def distances(fields: Tensor, others: Tensor, apart: float) -> Tensor:
    """(N, M) of color fields (N, 2, 32, 32) and (M, 2, 32, 32): the mean over 8 x 8 blocks of how far colors are, once
    `apart` of the mean difference, which is one tint, was taken out."""
    mine, theirs = (F.adaptive_avg_pool2d(some, 8).flatten(2) for some in (fields, others))
    away = mine[:, None] - theirs[None]
    return (away - apart * away.mean(3, keepdim=True)).square().sum(2).sqrt().mean(2)


def grouped(fields: Tensor, groups: int, apart: float, rounds: int = 10) -> Tensor:
    """The group (N,) of each color field (N, 2, 32, 32): k-medoids by `distances` (Kaufman & Rousseeuw 1990).

    The first medoid is the field nearest to all; each further one takes away most of what distance is left.
    """
    away = distances(fields, fields, apart)
    chosen = [int(away.sum(1).argmin())]
    for _ in range(min(groups, len(fields)) - 1):
        left = away[chosen].amin(0)
        chosen.append(int((left - away).clamp_min(0).sum(1).argmax()))
    for _ in range(rounds):
        group = away[chosen].argmin(0)
        members = [(group == k).nonzero()[:, 0] for k in range(len(chosen))]
        better = [
            int(mine[away[mine][:, mine].sum(1).argmin()]) if len(mine) else old for mine, old in zip(members, chosen)
        ]
        if better == chosen:
            break
        chosen = better
    return away[chosen].argmin(0)
