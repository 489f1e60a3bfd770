"""What the training loop, the evaluation, the card and the page ask of a model."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent, Normal, kl_divergence

from vaedemo.data import Pictures
from vaedemo.data import Terms as DataTerms
from vaedemo.latents import draw
from vaedemo.models.latent_statistics import latent_statistics

SLACK = 1e-3  # what rounding may add to a range

Terms = dict[str, Tensor]
"""Named scalars in nats a picture; `total` is what the player minimizes."""


@dataclass(frozen=True)
class Batch:
    x: Tensor  # (B, C, H, W), in [0, 1]
    y: Tensor  # labels (B,), or factors (B, F)
    step: int  # of the training, from 0: schedules read it
    maps: tuple[Tensor, ...] = ()  # (B, ...), what the model's `companion` tells of each picture


@dataclass(frozen=True)
class Player:
    """Who learns: its parameters, the factor on the recipe's learning rate, and Adam's betas."""

    parameters: list[nn.Parameter]
    lr_scale: float = 1.0
    beta1: float = 0.9
    beta2: float = 0.999


class Order(Protocol):
    """Which pictures a step sees, the same at every call: a resumed run sees what it would have seen."""

    def batch(self, step: int) -> Tensor:
        """Indices into the training set, (B,)."""
        ...


class Trainable(nn.Module):
    """A model whose forward *is* its objective, so that DistributedDataParallel sees it."""

    CARD: ClassVar[str] = ""  # what the model is, in the words of its card; a subclass without its own has its base's
    CODE: ClassVar[str] = 'import vaedemo\nnet = vaedemo.load_net("{name}")'  # the card's example in Python

    HISTORY: ClassVar[str] = (  # the card's words on how the file came about
        "Trained for {steps:,} steps of {batch} pictures; the averaged weights are kept, BatchNorm\n"
        "is folded, and the file is {stored} ({size:.2f} MB). Net: `{net}`."
    )
    TERMS: ClassVar[DataTerms | None] = None  # where they are not those of the data

    REGISTERED: ClassVar[str]  # the name that recipes give

    warmup: float = 0  # in steps
    hold: float = 0.0  # the share of the training with the full learning rate, before it falls
    begins_with_runs: ClassVar[bool] = False  # `pretrained` are to be whole, as their runs here left them: see `zoo`
    only_in_training: tuple[str, ...] = ()  # modules that teach the others; what ships is without them
    only_float16: ClassVar[bool] = False  # ships with no tensor packed: see `store.packed`

    @classmethod
    def check_packages(cls) -> None:
        """Raises PackageMissing, saying what to install, where a training needs a package that is not here. Most models
        need none."""

    def players(self) -> dict[str, Player]:
        """Who learns what: one optimizer a player, in turn. Most models have one."""
        return {"model": Player(list(self.parameters()))}

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        """Called once before the first step, with the training set (for statistics, say) and the nets that the recipe
        `requires`, by name. Most models need neither."""

    def companion(self, pictures: Pictures) -> Callable[[Tensor], tuple[Tensor, ...]] | None:
        """What each batch brings beside its pictures, as a function of their indices (B,) in the training set: say a
        frozen net's maps, which need be computed but once. Called at each start of a training, before `begin`."""
        return None

    def settle(self) -> None:
        """Called once the averaged weights are in, before they are used: what no average of weights gives, such as
        BatchNorm's statistics of players that chase each other. Most models need nothing."""

    def order(self, y: Tensor, batch: int, seed: int) -> Order | None:
        """The batches of a training set whose labels or factors are y; None: in random order, as most models want."""
        return None

    def ramp(self, step: int) -> float:
        """How much of what `warmup` holds back a step of the training takes: it grows linearly to 1."""
        return min(1.0, (step + 1) / (self.warmup + 1))

    def forward(self, player: str, batch: Batch) -> Terms:
        raise NotImplementedError

    def page_tensors(self, pictures: Pictures) -> dict[str, Tensor]:
        """What the page is to know of the model on `pictures`, so that it never needs the data: latents.safetensors."""
        return {}


Class = TypeVar("Class", bound=type[Trainable])
REGISTRY: dict[str, type[Trainable]] = {}
"""Models by the name that a recipe's `model` says. `models.registered()` is filled; this one as far as imports went."""


def model(name: str) -> Callable[[Class], Class]:
    """Registers a class of models under the name that recipes give as `model`. A `config.json` never holds code."""

    def register(cls: Class) -> Class:
        if name in REGISTRY and REGISTRY[name].__qualname__ != cls.__qualname__:
            raise ValueError(f"two models are called {name!r}: {REGISTRY[name].__qualname__} and {cls.__qualname__}")
        REGISTRY[name] = cls
        cls.REGISTERED = name
        return cls

    return register


def _checked(method: Callable[..., Any]) -> Callable[..., Any]:
    """`method` with its arguments x, z and y checked before, unless the model is in training."""
    names = list(inspect.signature(method).parameters)[1:]

    @functools.wraps(method)
    def call(self: LatentModel, *args: Any, **kwargs: Any) -> Any:
        if not self.training:
            self.check(**dict(zip(names, args)), **kwargs)
        return method(self, *args, **kwargs)

    return call


class LatentModel(Trainable):
    """A model with a latent space. z is (B, Z), x is (B, C, H, W), the condition y is (B, Y): see `condition`.

    Outside of training, `encode`, `decode` and `distortion` raise ValueError where an argument has the wrong shape,
    type or range; a subclass that defines them anew has the same check: see `check`.
    """

    CODE = (
        'import vaedemo\nmodel = vaedemo.load("{name}")\npictures = model.sample(16, seed=0)  # (16, C, H, W) in [0, 1]'
    )

    has_prior = True
    observed: tuple[float, float] | None = (0.0, 1.0)  # the range of x; None: any finite number
    more_planes: int = 0  # that an x may have after the picture's own
    z: int
    y: int = 0  # numbers in a condition; z and y in a row are the vectors that the page decodes
    shape: tuple[int, int, int]  # C, H, W of a picture
    decoder: nn.Sequential

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in ("encode", "decode", "distortion"):
            if name in cls.__dict__:
                setattr(cls, name, _checked(cls.__dict__[name]))

    def check(self, x: Tensor | None = None, z: Tensor | None = None, y: Tensor | None = None) -> None:
        """Raises ValueError, which names the argument and what is wanted, where the model cannot take one of these."""
        like = next(self.parameters(), None)
        if x is not None:
            _check_numbers("x", x, like, self.observed)
            channels, height, width = self.shape
            if x.dim() != 4 or x.shape[2:] != (height, width) or not 0 <= x.shape[1] - channels <= self.more_planes:
                raise ValueError(f"x: pictures (B, {channels}, {height}, {width}) are wanted, not {tuple(x.shape)}")
        if z is not None:
            _check_numbers("z", z, like, None)
            in_a_row = y is None and z.dim() == 2 and z.shape[1] == self.z + self.y
            if not in_a_row and (z.dim() != 2 or z.shape[1] != self.z):
                raise ValueError(f"z: codes (B, {self.z}) are wanted, not {tuple(z.shape)}")
        if y is not None:
            _check_numbers("y", y, like, None)
            if y.dim() != 2 or y.shape[1] != self.y:
                raise ValueError(f"y: conditions (B, {self.y}) are wanted, not {tuple(y.shape)}")
        sizes = {name: len(some) for name, some in (("x", x), ("z", z), ("y", y)) if some is not None}
        if sizes.pop("y", 1) not in (1, *sizes.values()) or len(set(sizes.values())) > 1:
            given = ", ".join(
                f"{len(some)} {name}" for name, some in (("x", x), ("z", z), ("y", y)) if some is not None
            )
            raise ValueError(f"as many of each are wanted, or one y for all, not {given}")

    def prior(self) -> Distribution:
        """p(z) = N(0, I), of event shape (Z,)."""
        zero = next(self.parameters()).new_zeros(self.z)
        return Independent(Normal(zero, torch.ones_like(zero)), 1)

    def from_normal(self, z: Tensor) -> Tensor:
        """Samples (B, Z) of N(0, I), turned into samples of the model's prior."""
        return z

    def condition(self, y: Tensor) -> Tensor:
        """What the model is told of labels or factors y (B, ...): numbers (B, Y); of most models Y is 0."""
        return torch.zeros(len(y), 0, device=y.device)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        """The approximate posterior q(z|x, y), an Independent Normal of event shape (Z,)."""
        raise NotImplementedError

    def rate(self, posterior: Independent) -> Tensor:
        """KL(q(z|x) || p(z)) in nats, for each latent dimension, (B, Z). Without a prior it means nothing."""
        return kl_divergence(posterior.base_dist, Normal(0.0, 1.0))

    def distortion(self, x: Tensor, z: Tensor, y: Tensor | None = None) -> Tensor:
        """-log p(x|z, y) in nats a picture, (B,)."""
        raise NotImplementedError

    @_checked
    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Logits of p(x|z, y), (B, C, H, W). A model that has a condition cannot do without y, (B, Y) or (1, Y); z may
        hold both in a row, (B, Z + Y)."""
        if y is None:
            if z.shape[1] < self.z + self.y:
                raise ValueError(f"y: this model wants conditions (B, {self.y})")
            return self.decoder(z)
        return self.decoder(torch.cat([z, y.to(z).expand(len(z), -1)], 1))

    def render(self, decoded: Tensor) -> Tensor:
        """What is shown of `decode`'s answer: the mean of p(x|z), in [0, 1], (B, C, H, W)."""
        return decoded.sigmoid()

    @torch.no_grad()  # not inference_mode: its tensors could not be encoded outside of it
    def sample(self, n: int, temperature: float = 1.0, seed: int = 0, y: Tensor | None = None) -> Tensor:
        """n pictures, (n, C, H, W) in [0, 1]: z from the prior (times `temperature`), then the mean of p(x|z, y).

        y: the condition of each, (n, Y); a model that has one cannot do without. Raises ValueError.
        """
        if n < 1:
            raise ValueError(f"n: at least one picture is wanted, not {n}")
        if self.y and (y is None or y.shape != (n, self.y)):
            raise ValueError(f"y: this model wants a condition of shape {(n, self.y)} for {n} pictures")
        z = torch.from_numpy(draw(n, self.z, temperature, seed)).to(next(self.parameters()))
        return self.render(self.decode(self.from_normal(z), y))

    def page_tensors(self, pictures: Pictures) -> dict[str, Tensor]:
        """See `latent_statistics`. A model of which a code of a picture tells little gives less, or nothing."""
        return latent_statistics(self, pictures)


def _check_numbers(name: str, values: Tensor, like: Tensor | None, span: tuple[float, float] | None) -> None:
    """Raises ValueError where `values` are no floating-point numbers of `like`'s type, not finite, or out of range."""
    if not isinstance(values, Tensor) or not values.is_floating_point():
        kind = values.dtype if isinstance(values, Tensor) else type(values).__name__
        raise ValueError(f"{name}: a tensor of floating-point numbers is wanted, not {kind}")
    if like is not None and values.dtype != like.dtype:
        raise ValueError(f"{name}: {like.dtype} is wanted, not {values.dtype}")
    if not values.numel():
        return
    low, high = (float(end) for end in values.detach().aminmax())  # NaN where any number is
    if not (abs(low) < float("inf") and abs(high) < float("inf")):
        raise ValueError(f"{name}: holds a number that is not finite")
    if span is not None and not (span[0] - SLACK <= low and high <= span[1] + SLACK):
        raise ValueError(f"{name}: numbers from {span[0]:g} to {span[1]:g} are wanted, not {low:g} to {high:g}")
