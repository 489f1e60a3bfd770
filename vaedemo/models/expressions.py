"""Expression editing by flow (FVAE; Yeh 2016): a VAE of the flow between two expressions of a face, not of pixels.

What is observed are backward flows (B, 2, 64, 64) in pixels, see `data.flow`; the condition y (B, Y) is the face, as
the principal components of its 138 landmarks. The photo is only read along the decoded flow, so all detail stays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Independent

from vaedemo.data import Pictures
from vaedemo.data.flow import (
    EXPRESSIONS,
    FLOW,
    POINTS,
    SIDE,
    SOURCES,
    Edits,
    mirrored,
    mirrored_cells,
    of_rows,
)
from vaedemo.models.base import Batch, LatentModel, Terms, Trainable, model
from vaedemo.models.motion import flow_colors
from vaedemo.models.vae import KEEP, VAE

LOOKED_AT = 3_000  # flows and faces that principal components are found in
OFTEN = {"london": 4.0, "yale": 2.0}  # how often a person of a set is drawn; the others count 1
UNSURE = 0.2  # pixels: landmarks of a photo are never exact, so in training they are moved by so much
WEAKER, STRONGER = 0.2, 1.2  # between which strengths a third of the flows is scaled in training
# Where it matters: (x, y), radii (across, down) and weight of soft ovals; a cell beyond all of them counts BEYOND.
PLACES = (
    ((31.4, 42.0), (20.0, 26.0), 0.8),
    ((21.7, 32.6), (6.0, 3.5), 3.0),
    ((41.2, 32.6), (6.0, 3.5), 3.0),
    ((31.4, 53.5), (11.0, 6.0), 3.0),
)
BEYOND = 0.2
WAYS = 3  # in which people's codes of an expression are told to differ
SLIGHT = 0.5  # of a latent's unit: a step along which the decoder is taken for linear
RIDGE = (1_000.0, 30.0)  # how firmly slopes of codes are held at 0, MEASURED and SHAPED: best on validation people
FEWEST = 16  # flows, mirror images among them, that make a code
PIECE = 500  # flows encoded at once
FARTHEST = 4.0  # pixels: a flow so long is shown in full color


def importance() -> Tensor:
    """How much each cell counts, (64, 64)."""
    axis = torch.arange(SIDE) + 0.5
    weight = torch.full((SIDE, SIDE), BEYOND)
    for (x, y), (across, down), amount in PLACES:
        weight += amount * torch.exp(-0.5 * (((axis - x) / across) ** 4 + ((axis[:, None] - y) / down) ** 4))
    return weight


@model("expressions")
class Expressions(LatentModel):
    """q(z | flow, face) and p(flow | z, face), Gaussian with one sigma as in `VAE`.

    Cells count by `importance`, and those that no warp can fill not at all. Flows are smooth: a few dozen principal
    components hold almost all of them. So the encoder begins with those components and the decoder ends with them, both
    as the training flows give them (`begin`); what is learned between are small nets. The decoder is a plain chain over
    [z, y], which the browser runs.
    """

    observed = None  # flows in pixels
    CARD = (
        "Expression editing by flow (FVAE; Yeh et al. 2016): a VAE of the flow between two expressions of a face, "
        "given the face as principal components of 138 landmarks. A photo is edited by reading it along the decoded "
        "flow, so that every eyelash stays. Moving z from the code of the neutral face to the mean code of an "
        "expression magnifies it, and beyond; the other way suppresses it. Unlike the paper's net, encoder and decoder "
        "begin and end with the flows' principal components, and both are told the face. No warp makes teeth, wrinkles "
        "or shading: where a mouth opens, an app has to paint. `vaedemo.express` edits a photo."
    )
    CODE = (
        "import torch, vaedemo\n"
        "from vaedemo import data\n"
        'model = vaedemo.load("{name}")\n'
        'faces = data.load("expressions", "test")\n'
        "y = model.condition(faces.y[:1])  # (1, Y): the landmarks of a face\n"
        "flow = model.decode(torch.randn(1, model.z), y)  # (1, 2, 64, 64), in pixels of 64"
    )

    def __init__(
        self,
        z: int,
        told: int,
        components: int,
        hidden: int,
        beta: float = 1.0,
        warmup: float = 0,
        surprise: float = 0.0,
    ):
        super().__init__()
        self.z, self.y, self.shape = z, told, (2, SIDE, SIDE)
        self.beta, self.warmup, self.surprise = beta, warmup, surprise
        self.encoder = nn.Linear(FLOW, components, bias=False).requires_grad_(False)
        self.posterior = nn.Sequential(
            *(nn.Linear(components + told, hidden), nn.ReLU()),
            *(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 2 * z)),
        )
        last = nn.Linear(components, FLOW).requires_grad_(False)
        self.decoder = nn.Sequential(
            *(nn.Linear(z + told, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()),
            *(nn.Linear(hidden, components), last, nn.Unflatten(1, (2, SIDE, SIDE))),
        )
        self.noise: Tensor  # sigma of p(flow|z, y), in pixels
        self.usual: Tensor  # the mean face's landmarks, (138, 2)
        self.traits: Tensor  # the faces' principal components, each over its standard deviation, (Y, 276)
        self.typical: Tensor  # running mean of the codes of each expression at strength 1, (2, 15, Z)
        self.register_buffer("noise", torch.tensor(1.0))
        self.register_buffer("typical", torch.zeros(2, len(EXPRESSIONS), z))
        self.register_buffer("usual", torch.zeros(POINTS, 2))
        self.register_buffer("traits", torch.zeros(told, 2 * POINTS))

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        """Finds the principal components of flows, in the metric of `importance`, and of faces."""
        some = torch.multinomial(ByPerson.weights_of(pictures.y), LOOKED_AT, replacement=True)
        half = of_rows(pictures.y[some[::2]])
        edits = Edits(*map(torch.cat, zip(half, mirrored(of_rows(pictures.y[some[1::2]])))))
        faces = edits.points.flatten(1)
        self.usual.copy_(faces.mean(0).view(POINTS, 2))
        _, size, ways = torch.svd_lowrank(faces - faces.mean(0), self.y + 8, niter=4)
        self.traits.copy_((ways * (math.sqrt(len(faces)) / size)).T[: self.y])
        metric = importance().sqrt().flatten().repeat(2)
        components = len(self.encoder.weight)
        _, size, ways = torch.svd_lowrank(edits.flow.flatten(1) * metric, components + 16, niter=4)
        ways, size = ways[:, :components], size[:components] / math.sqrt(len(faces))
        self.encoder.weight.data.copy_((ways * metric[:, None] / size).T)
        last = self.decoder[-2]
        assert isinstance(last, nn.Linear)
        last.weight.data.copy_(ways / metric[:, None] * size)
        last.bias.data.zero_()

    def order(self, y: Tensor, batch: int, seed: int) -> ByPerson:
        return ByPerson(y, batch, seed)

    def face(self, points: Tensor) -> Tensor:
        """The condition y (B, Y) of landmarks (B, 138, 2) in pixels of 64."""
        return (points - self.usual).flatten(1) @ self.traits.T

    def condition(self, y: Tensor) -> Tensor:
        """The faces (B, Y) of rows of the data set."""
        return self.face(of_rows(y).points)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        """q(z | flow, face) of flows x (B, 2, 64, 64) and faces y (B, Y) or (1, Y)."""
        if y is None:
            raise ValueError("y: the face that this flow edits is wanted")
        parts = self.encoder(x.flatten(1))
        return VAE.gaussian_of(self.posterior(torch.cat([parts, y.to(parts).expand(len(parts), -1)], 1)))

    def distortion(self, x: Tensor, z: Tensor, y: Tensor | None = None) -> Tensor:
        """-log p(flow|z, y) in nats a flow, (B,), each cell as often as `importance` says."""
        return self._nats(self.decode(z, y) - x, torch.ones_like(x[:, :1]))

    def _nats(self, error: Tensor, counted: Tensor) -> Tensor:
        """Of errors (B, 2, 64, 64) in pixels and cells that count (B, 1, 64, 64)."""
        weight = counted * importance().to(error)
        energy, many = (error.float().square() * weight).flatten(1).sum(1), 2 * weight.flatten(1).sum(1)
        variance = energy.sum() / many.sum() if self.training else self.noise**2
        if self.training:
            self.noise.lerp_(variance.detach().sqrt(), 1 - KEEP)
        return 0.5 * (energy / variance + many * torch.log(2 * math.pi * variance))

    def forward(self, player: str, batch: Batch) -> Terms:
        edits, counted = augmented(batch)
        y = self.face(edits.points)
        posterior = self.encode(edits.flow, y)
        distortion = self._nats(self.decode(posterior.rsample(), y) - edits.flow, counted).mean()
        rate = self.rate(posterior).sum(1).mean()
        total = distortion + self.beta * self.ramp(batch.step) * rate
        terms = {"total": total, "distortion": distortion, "rate": rate}
        if not self.surprise:
            return terms
        missed = self._surprise(edits, y, posterior.mean, counted)
        return {**terms, "total": total + self.surprise * missed, "surprise": missed}

    def _surprise(self, edits: Edits, y: Tensor, codes: Tensor, counted: Tensor) -> Tensor:
        """How far flows are from what the mean code of their expression gives for the face: in nats a flow under a
        Gaussian, whose sigma is the batch's own, one for measured and one for shaped flows."""
        kind, strength = (edits.kind > 0).long(), edits.strength[:, None]
        with torch.no_grad():
            for k, goal in {*zip(kind.tolist(), edits.goal.tolist())}:
                mine = (kind == k) & (edits.goal == goal)
                mean = (codes[mine] * strength[mine]).float().sum(0) / strength[mine].square().sum()
                self.typical[k, goal].lerp_(mean, (1 - KEEP) * float(mine.sum()))
        error = (self.decode(strength * self.typical[kind, edits.goal], y) - edits.flow).float()
        weight = counted * importance().to(error)
        energy, many = (error.square() * weight).flatten(1).sum(1), 2 * weight.flatten(1).sum(1)
        parts = [many[mine].sum() * (energy[mine].sum() / many[mine].sum()).log() for mine in (kind == 0, kind > 0)]
        return 0.5 * torch.stack([part for part in parts if part.isfinite()]).sum() / len(kind)

    def render(self, decoded: Tensor) -> Tensor:
        """Flows (B, 2, 64, 64) as colors (B, 3, 64, 64): see `motion.flow_colors`."""
        return flow_colors(decoded, FARTHEST)

    def page_tensors(self, pictures: Pictures) -> dict[str, Tensor]:
        """What turns landmarks into y: usual (138, 2), traits (Y, 276). Codes of expressions come with the release."""
        return {"usual": self.usual.float(), "traits": self.traits.float()}


class Codes(NamedTuple):
    """Where the expressions lie in z, as the people of a training set have them: first MEASURED, then SHAPED ones.

    The code of an expression for a face y is mean + slope y. Its people's codes lie around it; `spread` has the WAYS in
    which they differ most, each in standard deviations, as far as it shows in the flow.
    """

    number: Tensor  # (2, 15), flows; where there are none, the rest is 0
    mean: Tensor  # (2, 15, Z)
    slope: Tensor  # (2, 15, Z, Y)
    spread: Tensor  # (2, 15, WAYS, Z)
    shapes: Tensor  # (45, Z): what a blendshape of weight 1 adds to z

    def at(self, kind: int, goal: int, y: Tensor, strength: Tensor | float = 1.0) -> Tensor:
        """Codes (B, Z) of an expression (a place in EXPRESSIONS) for faces y (B, Y), strength (B, 1) or a number.
        Strength goes along the straight line from z = 0, the neutral code: no motion."""
        return strength * (self.mean[kind, goal] + y @ self.slope[kind, goal].T)

    def drawn(self, kind: int, goal: int, y: Tensor, temperature: float = 1.0) -> Tensor:
        """One random code of the expression for each of the faces y (B, Y), (B, Z)."""
        spread = self.spread[kind, goal]
        return self.at(kind, goal, y) + temperature * torch.randn(len(y), len(spread)).to(y) @ spread


MEASURED, SHAPED = 0, 1
"""Kinds of codes: of pairs of real photographs; of blendshapes and rendered heads."""


@torch.no_grad()
def codes_of(model: Expressions, pictures: Pictures) -> Codes:
    """Codes of the flows of a training set and their mirror images.

    An expression's mean and slope are those of a ridge regression of the posterior means on the face, both times the
    strength. Slopes are pulled to 0 as if by RIDGE faces without any.
    """
    both = of_rows(pictures.y)
    edits = Edits(*map(torch.cat, zip(both, mirrored(both))))
    y = model.face(edits.points)
    z = torch.cat([model.encode(*part).mean for part in zip(edits.flow.split(PIECE), y.split(PIECE))])
    shaped = edits.kind > 0
    codes = Codes(
        torch.zeros(2, len(EXPRESSIONS)),
        torch.zeros(2, len(EXPRESSIONS), model.z),
        torch.zeros(2, len(EXPRESSIONS), model.z, model.y),
        torch.zeros(2, len(EXPRESSIONS), WAYS, model.z),
        _ridge(edits.shapes[shaped], z[shaped], 1.0),
    )
    for kind in (MEASURED, SHAPED):
        for goal in range(len(EXPRESSIONS)):
            mine = (shaped == (kind == SHAPED)) & (edits.goal == goal)
            if mine.sum() < FEWEST:
                continue
            told = torch.cat([torch.ones(int(mine.sum()), 1), y[mine]], 1) * edits.strength[mine, None]
            pull = torch.tensor([1e-3] + [RIDGE[kind]] * model.y)
            ways = _ridge(told, z[mine], pull)
            codes.number[kind, goal] = mine.sum() / 2
            codes.mean[kind, goal], codes.slope[kind, goal] = ways[0], ways[1:].T
            spread = _spread(model, ways[0], z[mine] - told @ ways)
            codes.spread[kind, goal, : len(spread)] = spread
    return codes


def _spread(model: Expressions, code: Tensor, apart: Tensor) -> Tensor:
    """(WAYS, Z): the principal components of what codes (N, Z) are apart from their mean, each in standard deviations,
    by the lengths of the flows that they make of the usual face near the `code` (Z,)."""
    steps = SLIGHT * torch.cat([torch.eye(model.z), -torch.eye(model.z)])
    flows = model.decode(code + steps, code.new_zeros(1, model.y)).flatten(1)
    slopes = (flows[: model.z] - flows[model.z :]) / (2 * SLIGHT)
    metric = torch.linalg.cholesky(slopes @ slopes.T + 1e-6 * torch.eye(model.z))  # |a @ metric| is a flow's length
    _, size, ways = torch.linalg.svd(apart @ metric, full_matrices=False)
    deviations = size[:WAYS, None] / math.sqrt(len(apart)) * ways[:WAYS]
    return torch.linalg.solve_triangular(metric, deviations, upper=False, left=False)


def _ridge(told: Tensor, wanted: Tensor, pull: Tensor | float) -> Tensor:
    """(D, Z) that takes rows told (N, D) to wanted (N, Z), each of the D pulled to 0 by so much."""
    return torch.linalg.solve(told.T @ told + pull * torch.eye(told.shape[1]), told.T @ wanted)


class ByPerson:
    """Batches whose people are drawn evenly but for `OFTEN`, then their flows."""

    def __init__(self, y: Tensor, batch: int, seed: int):
        self.weights, self.size, self.seed = self.weights_of(y), batch, seed

    @staticmethod
    def weights_of(y: Tensor) -> Tensor:
        """How often each row y (N, COLUMNS) is drawn, (N,)."""
        person, source = y[:, 0].long(), y[:, 1].long()
        _, number, count = person.unique(return_inverse=True, return_counts=True)
        often = torch.tensor([OFTEN.get(name, 1.0) for name in SOURCES])
        return often[source] / count[number]

    def batch(self, step: int) -> Tensor:
        dice = torch.Generator().manual_seed((self.seed << 32) + step)
        return torch.multinomial(self.weights, self.size, replacement=True, generator=dice)


def augmented(batch: Batch) -> tuple[Edits, Tensor]:
    """A batch's flows and the cells (B, 1, 64, 64) that count: each mirrored or not, its landmarks moved a little, and
    every third flow scaled, since half a smile is a smile, too."""
    edits, counted = of_rows(batch.y), (batch.x[:, 3:] < 0.5).float()
    flip = torch.rand(len(batch.y), device=batch.y.device) < 0.5
    turned, other = mirrored(edits), mirrored_cells(counted)

    def either(one: Tensor, two: Tensor) -> Tensor:
        return torch.where(flip.view(-1, *(1,) * (one.dim() - 1)), one, two)

    edits = Edits(*(either(*parts) for parts in zip(turned, edits)))
    scale = torch.ones(len(flip), device=flip.device)
    scale[::3] = torch.empty_like(scale[::3]).uniform_(WEAKER, STRONGER)
    points = edits.points + UNSURE * torch.randn_like(edits.points)
    return edits._replace(
        points=points, strength=edits.strength * scale, flow=edits.flow * scale[:, None, None, None]
    ), either(other, counted)
