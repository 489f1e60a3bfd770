"""Semi-supervised learning (Kingma 2014): few labels and many pictures without one. M1, M2, and M2 on M1's codes.

How well a classifier does depends on which pictures are labelled, so that each model holds a classifier for every
draw of the labels: by default five draws of 100 labels and five of 1,000.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.distributions import Independent
from torch.nn import functional as F

from vaedemo.data import Pictures
from vaedemo.data.digits import labelled_subset
from vaedemo.models import assemble
from vaedemo.models.base import Batch, LatentModel, Player, Terms, Trainable, model
from vaedemo.models.label_spreading import neighbour_graph, spread
from vaedemo.models.vae import VAE
from vaedemo.recipes import KNOWN
from vaedemo.store import bundles

LABELS = 10
CODES = "digits"  # the VAE whose codes are M1's
FIRST = "digits-m1"  # whose classifiers M1+M2 builds on
PIECE = 500  # pictures encoded at once
ITERATIONS = 100  # of L-BFGS, at most
POSSIBLE = 1e-3  # least q(y|x) of a label that a picture without one is tried under


@dataclass(frozen=True)
class Draw:
    """One choice of the labelled pictures."""

    count: int
    seed: int

    @property
    def name(self) -> str:
        return f"{self.count}-{self.seed}"

    def indices(self, pictures: Pictures) -> Tensor:
        """The labelled pictures of a training set, (count,)."""
        return labelled_subset(pictures.y, self.count, self.seed)


def draws_of(counts: Sequence[int], draws: int) -> list[Draw]:
    """Seeds 0 to `draws` - 1 for each number of labels."""
    return [Draw(count, seed) for count in counts for seed in range(draws)]


class Classifiers(nn.ModuleDict):
    """A classifier for each draw of the labels, by the draw's name: inputs (B, D) to logits (B, 10)."""

    def of(self, count: int) -> list[nn.Module]:
        """Those that learned from `count` labels, in the order of their seeds."""
        return [net for name, net in self.items() if name.startswith(f"{count}-")]


def encoded(vae: LatentModel, x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and sigma of q(z|x), (B, Z) each, for pictures x (B, 1, H, W) in [0, 1]."""
    with torch.no_grad():
        posteriors = [vae.encode(part) for part in x.split(PIECE)]
    return torch.cat([one.mean for one in posteriors]), torch.cat([one.stddev for one in posteriors])


@torch.enable_grad()
def fit_linear(x: Tensor, y: Tensor, penalty: float) -> nn.Linear:
    """The logistic regression of labels y (N,) on x (N, D): it minimizes the cross-entropy, in nats a picture, and
    `penalty` / 2 times the squared weights. The problem is convex, and L-BFGS begins at 0: the answer is always the
    same."""
    layer = nn.Linear(x.shape[1], LABELS)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        total = F.cross_entropy(layer(x), y) + penalty / 2 * layer.weight.square().sum()
        total.backward()
        return total

    optimizer.step(loss)  # type: ignore[arg-type]
    return layer


class WithProducts(nn.Module):
    """Codes (B, D), and the products of each two of their numbers: (B, D + D (D + 1) / 2). What is linear in these is
    quadratic in the codes, so that a digit's region may be an ellipsoid."""

    def forward(self, x: Tensor) -> Tensor:
        first, second = torch.triu_indices(x.shape[1], x.shape[1])
        return torch.cat([x, x[:, first] * x[:, second]], 1)


@model("m1")
class M1(Trainable):
    """Logistic regressions of the label on the codes of a VAE that never saw a label; and on pixels, for comparison.

    The codes are the means of q(z|x) of `digits`. What is learned from labelled codes alone wastes the others, so the
    labels are first spread to the codes of `unlabelled` pictures: near codes have the same label. The regressions see
    the codes and their products; those on pixels see the labelled pictures alone. All are fitted in `begin`, to their
    optimum: the problem is convex, and there is nothing left for the loop. Kingma et al. use unlabelled codes, too, by
    a transductive support vector machine with a kernel; their VAE has no convolutions, and 50 latents.
    """

    CARD = (
        "M1 of Kingma et al. 2014: logistic regressions on the codes (the means of q(z|x)) of `digits`, a VAE that "
        "learned from all pictures and no label. One for each draw of the labelled pictures, which are as many of each "
        "digit; their labels are first spread to the codes of other pictures (Zhou et al. 2004). For comparison, "
        "regressions on the pixels of the labelled pictures. Unlike the paper's, the classifier is linear in the codes "
        "and their products, where they have a transductive support vector machine with a kernel, and the VAE is "
        "convolutional with 32 latents."
    )
    HISTORY = (
        "Fitted to the optimum by L-BFGS; the file is {stored} ({size:.2f} MB). It holds no VAE: that is `digits`.\n"
        "Net: `{net}`."
    )
    CODE = (
        "import vaedemo\n"
        'm1, vae = vaedemo.load_net("{name}"), vaedemo.load("digits")\n'
        "x = vae.sample(16, seed=0)  # (16, 1, 28, 28) in [0, 1]\n"
        "(first, *_) = m1.on_codes.of(100)  # a classifier that saw 100 labels\n"
        "labels = first(vae.encode(x).mean).argmax(1)"
    )

    def __init__(
        self,
        z: int,
        counts: Sequence[int],
        draws: int,
        unlabelled: int,
        neighbours: int,
        pixels: int = 784,
        penalty: float = 0.0,
        on_pixels: float = 0.0,
    ):
        super().__init__()
        self.unlabelled, self.neighbours = unlabelled, neighbours
        self.penalty, self.penalty_on_pixels = penalty, on_pixels
        self.draws = draws_of(counts, draws)
        terms = z + z * (z + 1) // 2
        self.on_codes = Classifiers(
            {draw.name: nn.Sequential(WithProducts(), nn.Linear(terms, LABELS)) for draw in self.draws}
        )
        self.on_pixels = Classifiers({draw.name: nn.Linear(pixels, LABELS) for draw in self.draws})

    def players(self) -> dict[str, Player]:
        """Nobody learns step by step: see `begin`."""
        return {}

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        vae = pretrained[CODES]
        assert isinstance(vae, LatentModel)
        subsets = {draw.name: draw.indices(pictures) for draw in self.draws}
        others = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(0))[: self.unlabelled]
        seen = torch.cat([others, *subsets.values()]).unique()  # sorted
        codes = encoded(vae, pictures.floats(seen))[0]
        graph, terms = neighbour_graph(codes, self.neighbours), WithProducts()(codes)
        for name, index in subsets.items():
            reached = spread(graph, torch.searchsorted(seen, index), pictures.y[index], LABELS)
            told = reached.sum(1) > 0
            on_codes = fit_linear(terms[told], reached[told].argmax(1), self.penalty)
            on_pixels = fit_linear(pictures.floats(index).flatten(1), pictures.y[index], self.penalty_on_pixels)
            self.on_codes[name].load_state_dict({f"1.{key}": value for key, value in on_codes.state_dict().items()})
            self.on_pixels[name].load_state_dict(on_pixels.state_dict())


class Generator(nn.Module):
    """q(z|x, y) and p(x|z, y) of M2, each with one hidden layer. x is (B, D), y one-hot (B, 10), z (B, Z); `told` is
    how many numbers describe p(x|z, y)."""

    def __init__(self, seen: int, z: int, hidden: int, told: int):
        super().__init__()
        self.of_x, self.of_y = nn.Linear(seen, hidden), nn.Linear(LABELS, hidden, bias=False)
        self.posterior = nn.Linear(hidden, 2 * z)
        self.decoder = nn.Sequential(nn.Linear(z + LABELS, hidden), nn.Softplus(), nn.Linear(hidden, told))

    def encode(self, x: Tensor, y: Tensor) -> Independent:
        """q(z|x, y), an Independent Normal of event shape (Z,)."""
        return self.joined(self.of_x(x), y)

    def joined(self, of_x: Tensor, y: Tensor) -> Independent:
        """q(z|x, y) of what the first layer made of x, which is the same under every label."""
        return VAE.gaussian_of(self.posterior(F.softplus(of_x + self.of_y(y))))

    def decode(self, z: Tensor, y: Tensor) -> Tensor:
        """The numbers that describe p(x|z, y), (B, told)."""
        return self.decoder(torch.cat([z, y], 1))


@model("m2")
class M2(Trainable):
    """p(x, y, z) = p(y) p(z) p(x|y, z): the label is a latent that is seen for a few pictures; q(y|x) is a classifier.

    L(x, y) = E_q(z|x,y)[log p(x|y, z)] + log p(y) - KL(q(z|x, y) || p(z)) bounds log p(x, y), and for a picture
    without a label U(x) = sum over y of q(y|x) L(x, y) + H(q(y|x)) bounds log p(x). Of both bounds the mean over all N
    pictures is maximized, less `alpha` times the cross-entropy of q(y|x) on labelled ones (equation 9, whose alpha
    is N times as large: .1 here).
    Every draw of the labels is a player with nets of its own. A picture of a batch is one without a label, and its
    companion is a labelled one for each draw: pictures come in random order, and so do their companions.

    Unlike in the paper, pictures are binarized afresh at every step, 58,000 pictures are learned from in place of
    50,000, the training is far shorter, and `alpha` is larger: with .1 the labels come to mean other digits. What
    ships is every classifier, and the generator of the first draw.
    """

    CARD = (
        "M2 of Kingma et al. 2014: a VAE whose label y is a second latent, seen for a few pictures; q(y|x) is the "
        "classifier. One model for each draw of the labelled pictures, which are as many of each digit; this file has "
        "all classifiers and the generator of the first. Unlike the paper's, nets have fewer units, the training is "
        "shorter, and what labelled pictures teach the classifier weighs more."
    )
    CODE = (
        "import vaedemo\n"
        'm2 = vaedemo.load_net("{name}")\n'
        'x = vaedemo.load("digits").sample(16, seed=0)  # (16, 1, 28, 28) in [0, 1]\n'
        "(first, *_) = m2.classifiers.of(100)  # q(y|x) of a model that saw 100 labels\n"
        "labels = first(x.flatten(1)).argmax(1)\n"
        "styles = m2.restyled(x.flatten(1))  # (16, 10, 784) in [0, 1]: each as all ten digits, with its own z"
    )

    only_in_training = ("others", "pictures")
    numbers: ClassVar[int] = 1  # that describe p(x|z, y), for each value of x

    def __init__(
        self, seen: int, z: int, hidden: int, counts: Sequence[int], draws: int, alpha: float = 0.1, warmup: float = 0
    ):
        super().__init__()
        self.alpha, self.warmup = alpha, warmup
        self.draws = draws_of(counts, draws)
        self.classifiers = Classifiers(
            {
                draw.name: nn.Sequential(nn.Linear(seen, hidden), nn.Softplus(), nn.Linear(hidden, LABELS))
                for draw in self.draws
            }
        )
        told = self.numbers * seen
        self.generator = Generator(seen, z, hidden, told)
        self.others = nn.ModuleList(Generator(seen, z, hidden, told) for _ in self.draws[1:])
        self.pictures: Tensor  # how many there are to learn from
        self.register_buffer("pictures", torch.tensor(float(max(counts))))

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        self.pictures.fill_(len(pictures))

    def players(self) -> dict[str, Player]:
        return {
            draw.name: Player([*self.classifiers[draw.name].parameters(), *generator.parameters()])
            for draw, generator in zip(self.draws, self.generators())
        }

    def generators(self) -> list[Generator]:
        """One for each draw, in training."""
        return [self.generator, *(one for one in self.others if isinstance(one, Generator))]

    def companion(self, pictures: Pictures) -> Callable[[Tensor], tuple[Tensor, ...]]:
        """Of each picture, for every draw, a labelled one: pictures (B, draws, D) as `inputs` gives them, in uint8, and
        labels (B, draws)."""
        labelled = self.labelled(pictures)

        def beside(index: Tensor) -> tuple[Tensor, ...]:
            chosen = labelled(index)
            return pictures.x[chosen].flatten(2), pictures.y[chosen]

        return beside

    def labelled(self, pictures: Pictures) -> Callable[[Tensor], Tensor]:
        """Which labelled picture goes with each of a batch, for every draw: indices (B,) to (B, draws)."""
        subsets = [draw.indices(pictures) for draw in self.draws]
        return lambda index: torch.stack([subset[index % len(subset)] for subset in subsets], 1)

    def observed(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """What is learned from: the batch's own (B, D), its labelled companions (B, draws, D), and their labels."""
        companions, labels = batch.maps
        return torch.bernoulli(batch.x.flatten(1)), torch.bernoulli(companions.float() / 255), labels

    def nats(self, decoded: Tensor, x: Tensor) -> Tensor:
        """-log p(x|z, y), (B,): Bernoulli pixels, of which `decoded` (B, D) are the logits."""
        return F.binary_cross_entropy_with_logits(decoded.float(), x, reduction="none").sum(1)

    def bound(self, generator: Generator, x: Tensor, y: Tensor, beta: float = 1.0) -> Tensor:
        """L(x, y), (B,), by one sample of z, for x (B, D) and one-hot y (B, 10); the KL is weighed by `beta`."""
        return self._bound(generator, generator.encode(x, y), x, y, beta)

    def _bound(self, generator: Generator, posterior: Independent, x: Tensor, y: Tensor, beta: float) -> Tensor:
        z = posterior.rsample()
        rate = 0.5 * (posterior.mean.square() + posterior.variance - 1 - posterior.variance.log()).sum(1)
        return -self.nats(generator.decode(z, y), x) - math.log(LABELS) - beta * rate

    def unlabelled_bound(self, classifier: nn.Module, generator: Generator, x: Tensor, beta: float = 1.0) -> Tensor:
        """U(x), (B,): the sum over labels, and the entropy of q(y|x).

        Labels that q(y|x) gives less than `POSSIBLE` are left out, and it is scaled to the others: that is a
        posterior, too, so that U is still a bound, and soon a picture is decoded under one or two labels, not ten.
        """
        logits = classifier(x).float()
        log_q = logits.masked_fill(logits.log_softmax(1) < math.log(POSSIBLE), -math.inf).log_softmax(1)  # (B, 10)
        row, label = log_q.isfinite().nonzero(as_tuple=True)
        y = F.one_hot(label, LABELS).float()
        bounds = self._bound(generator, generator.joined(generator.of_x(x)[row], y), x[row], y, beta)
        kept = log_q[row, label]
        return torch.zeros(len(x), device=x.device).index_add(0, row, kept.exp() * (bounds - kept))

    def forward(self, player: str, batch: Batch) -> Terms:
        number = [draw.name for draw in self.draws].index(player)
        classifier, generator = self.classifiers[player], self.generators()[number]
        x, companions, labels = self.observed(batch)
        companion, label = companions[:, number], labels[:, number]
        beta = self.ramp(batch.step)
        unlabelled = -self.unlabelled_bound(classifier, generator, x, beta).mean()
        labelled = -self.bound(generator, companion, F.one_hot(label, LABELS).float(), beta).mean()
        surprise = F.cross_entropy(classifier(companion).float(), label)
        share = self.draws[number].count / self.pictures  # of pictures with a label
        total = (1 - share) * unlabelled + share * labelled + self.alpha * surprise
        total = total + self.taught(classifier, number, x, batch)
        return {"total": total, player: unlabelled.detach()}

    def taught(self, classifier: nn.Module, number: int, x: Tensor, batch: Batch) -> Tensor | float:
        """What else q(y|x) of a draw learns from the pictures x (B, D) of a batch, in nats a picture: nothing."""
        return 0.0

    @torch.no_grad()
    def read(self, x: Tensor) -> tuple[Tensor, Independent]:
        """The label of x (B, D) by the first draw's classifier, (B,), and q(z|x, y) with that label."""
        (first, *_) = self.classifiers.values()
        label = first(x).argmax(1)
        return label, self.generator.encode(x, F.one_hot(label, LABELS).float())

    @torch.no_grad()
    def restyled(self, x: Tensor) -> Tensor:
        """x (B, D) under all ten labels, (B, 10, D): means of p(x|z, y), each with the z that `read` finds in x."""
        z = self.read(x)[1].mean
        every = torch.eye(LABELS, device=x.device).repeat(len(x), 1)
        return self.mean(self.generator.decode(z.repeat_interleave(LABELS, 0), every)).view(len(x), LABELS, -1)

    def mean(self, decoded: Tensor) -> Tensor:
        """The mean of p(x|z, y), (B, D), of what the decoder gave."""
        return decoded.sigmoid()


@model("m1m2")
class M1M2(M2):
    """M2 on the codes of M1: x is a sample of q(z|picture) of `digits`, drawn anew at each step.

    That VAE is frozen, so that the bound of a picture is the one of its code, and a constant. p(x|z, y) is a normal
    distribution whose means and variances the decoder gives. Unlike the paper's, the VAE is convolutional and has 32
    latents in place of 50. `numbers` and `companion` are what differs from M2; and the bound alone lets a label drift
    to a group of pictures that is no digit, so that q(y|x) learns from M1, too: its answer to each picture counts
    `told` times its cross-entropy.
    """

    CARD = (
        "M1+M2 of Kingma et al. 2014: M2 on the codes of `digits`, a VAE that learned from all pictures and no label. "
        "One model for each draw of the labelled pictures, which are as many of each digit; this file has all "
        "classifiers and the generator of the first. Unlike the paper's, that VAE is convolutional with 32 latents, "
        "and the classifiers learn the answers of `digits-m1` to pictures without a label, too."
    )
    HISTORY = M2.HISTORY + " It holds no VAE of pictures: that is `digits`."
    CODE = (
        "import vaedemo\n"
        'stacked, vae = vaedemo.load_net("{name}"), vaedemo.load("digits")\n'
        "codes = vae.encode(vae.sample(16, seed=0)).mean  # (16, 32)\n"
        "(first, *_) = stacked.classifiers.of(100)  # q(y|code) of a model that saw 100 labels\n"
        "labels = first(codes).argmax(1)\n"
        "styles = stacked.restyled(codes)  # (16, 10, 32): the codes of each as all ten digits"
    )

    numbers = 2

    def __init__(self, *args, told: float = 0.0, **kwargs):
        super().__init__(*args, **kwargs)
        self.told = told

    def companion(self, pictures: Pictures) -> Callable[[Tensor], tuple[Tensor, ...]]:
        """Mean and sigma of the code of each picture, (B, 2, Z), and those of a labelled one for every draw, (B, draws,
        2, Z), with its label (B, draws); and M1's answers to the former, (B, draws). Raises Unavailable where no source
        has `digits` or `digits-m1`."""
        vae, first = (assemble(KNOWN[name], bundles.find(name).folder) for name in (CODES, FIRST))
        assert isinstance(vae, LatentModel)
        assert isinstance(first, M1)
        codes = torch.stack(encoded(vae, pictures.floats(slice(None))), 1)
        with torch.no_grad():
            answers = torch.stack([first.on_codes[draw.name](codes[:, 0]).argmax(1) for draw in self.draws], 1)
        labelled = self.labelled(pictures)

        def beside(index: Tensor) -> tuple[Tensor, ...]:
            chosen = labelled(index)
            return codes[index], codes[chosen], pictures.y[chosen], answers[index]

        return beside

    def observed(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        mine, companions, labels, _ = batch.maps
        return torch.normal(*mine.unbind(-2)), torch.normal(*companions.unbind(-2)), labels

    def taught(self, classifier: nn.Module, number: int, x: Tensor, batch: Batch) -> Tensor | float:
        return self.told * F.cross_entropy(classifier(x).float(), batch.maps[3][:, number])

    def nats(self, decoded: Tensor, x: Tensor) -> Tensor:
        """-log p(x|z, y), (B,), a density: `decoded` (B, 2 D) has means, then log variances."""
        return -VAE.gaussian_of(decoded).log_prob(x)

    def mean(self, decoded: Tensor) -> Tensor:
        return decoded.chunk(2, 1)[0]
