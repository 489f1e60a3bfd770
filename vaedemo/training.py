"""fit(): the one training loop. It knows players and batches, not what a model is.

Every random draw of step s is seeded by (seed, s), and every epoch's order by (seed, epoch), so a run that was stopped
at any step, by whatever means, and resumed gives the weights of a run that was never stopped, bit for bit on a CPU.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn.parallel import DistributedDataParallel

from vaedemo import data
from vaedemo.errors import Diverged
from vaedemo.models import build_net
from vaedemo.models.base import Batch, Terms, Trainable
from vaedemo.recipes import Recipe
from vaedemo.store.paths import runs_folder, writable

RAMP = 500  # steps of linear learning-rate warm-up
CLIP = 300.0  # gradient norm, in nats a picture: about three times what a healthy run shows
EMA = 0.9995
STALE = 600.0  # seconds after which a half-written file is known to be nobody's


@dataclass(frozen=True)
class Progress:
    step: int
    horizon: int
    terms: dict[str, float]  # mean since the last report, nats a picture
    images_per_second: float
    seconds_left: float
    source: str  # what it learns from, e.g. "MNIST"


@dataclass(frozen=True)
class Run:
    """A finished or interrupted training: `model` holds the averaged (EMA) weights, in eval mode, on the CPU."""

    recipe: Recipe
    model: Trainable
    folder: Path
    step: int
    horizon: int
    source: str  # the data's name
    synthetic: bool


@contextmanager
def _without_denormals() -> Iterator[None]:
    """Numbers below 1e-38 count as 0, here and in the threads that torch starts from here. A latent that is given up
    leaves gradients, and squares of them in Adam, that small, and a processor takes many times longer over each."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


@_without_denormals()
def fit(
    recipe: Recipe,
    *,
    steps: int | None = None,
    minutes: float | None = None,
    pictures: data.Pictures | None = None,
    pretrained: Mapping[str, Trainable] | None = None,
    device: str | None = None,
    fresh: bool = False,
    bf16: bool | None = None,
    save_seconds: float = 30,
    report: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    watch: Callable[[Trainable, int], None] | None = None,
) -> Run:
    """Train `recipe`, resuming what an earlier call left, and write checkpoints to `runs_folder()/NAME`.

    steps: the horizon (default: the recipe's); it lives in the checkpoint, so a resumed run keeps its own.
    pretrained: the nets that `recipe.requires`, by name; a run that is resumed needs none. minutes: only stops earlier.
    bf16: None takes it where the processor has it. report: called every two seconds.
    stop: asked after every step. watch: called with the averaged model beside each report (a copy; it may be used).
    Under `torchrun` each process takes its share of every batch and only the first writes.
    Raises Diverged; NoFolder where no checkpoint can be written; PackageMissing; and ValueError where the device or a
    required net is not here, or recipe, data or `steps` contradict the checkpoint.
    """
    rank, world, chosen = _join_group(_usable(device or ("cuda" if torch.cuda.is_available() else "cpu")))
    pictures = pictures or data.load(recipe.data, "train")
    loop = _Loop(recipe, steps or recipe.steps, chosen, rank, world)
    loop.describe = {"source": pictures.source, "synthetic": pictures.synthetic}
    companion = loop.model.companion(pictures)
    if fresh or not loop.resume(steps):
        loop.begin(pictures, pretrained or {})
    if rank == 0:
        writable(loop.folder)
    half = _has_bf16(chosen) if bf16 is None else bf16
    clock = _Clock(loop.step, loop.horizon, recipe.batch, pictures.source)
    deadline = math.inf if minutes is None else time.monotonic() + 60 * minutes
    saved = time.monotonic()
    order = loop.model.order(pictures.y, recipe.batch, recipe.seed)
    order = order or _Order(len(pictures), recipe.batch, recipe.seed)
    while loop.step < loop.horizon:
        index = order.batch(loop.step).tensor_split(world)[rank]  # in one piece: a model's minibatches stay whole
        maps = tuple(told.to(chosen) for told in companion(index)) if companion else ()
        batch = Batch(pictures.floats(index).to(chosen), pictures.y[index].to(chosen), loop.step, maps)
        clock.add(loop.advance(batch, half))
        now = time.monotonic()
        over = now > deadline or (stop is not None and stop())
        if clock.due(now) or over or loop.step == loop.horizon:
            progress = clock.read(loop.step, now)
            if report and rank == 0:
                report(progress)
            if watch and rank == 0:
                watch(loop.averaged(), loop.step)
        if rank == 0 and now - saved > save_seconds:
            loop.save()
            saved = now
        if _any(over, world):
            break
    if rank == 0:
        loop.save()
    return Run(recipe, loop.averaged().cpu(), loop.folder, loop.step, loop.horizon, pictures.source, pictures.synthetic)


def restore(recipe: Recipe) -> Run:
    """The run that earlier calls of `fit` left, without training. Raises FileNotFoundError where there is none."""
    loop = _Loop(recipe, recipe.steps, torch.device("cpu"), 0, 1)
    if not loop.resume(None):
        raise FileNotFoundError(f"{recipe.name} was not trained here yet: no {loop.file}")
    return Run(recipe, loop.averaged(), loop.folder, loop.step, loop.horizon, **loop.describe)


class _Loop:
    """The state that a checkpoint holds, and how it moves by one step."""

    def __init__(self, recipe: Recipe, horizon: int, device: torch.device, rank: int, world: int):
        torch.manual_seed(recipe.seed)
        self.recipe, self.horizon, self.device, self.step = recipe, horizon, device, 0
        self.rank, self.world = rank, world
        self.model = build_net(recipe).to(device).train()
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averages = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.players = self.model.players()
        self.optimizers = {
            name: torch.optim.Adam(player.parameters, lr=recipe.lr, betas=(player.beta1, player.beta2), fused=True)
            for name, player in self.players.items()
        }
        self.objective: nn.Module = self.model
        if world > 1:
            self.objective = DistributedDataParallel(self.model, find_unused_parameters=len(self.players) > 1)
        self.folder = runs_folder() / recipe.name
        self.file = self.folder / "checkpoint.pt"
        self.describe: dict[str, Any] = {}

    def begin(self, pictures: data.Pictures, pretrained: Mapping[str, Trainable]) -> None:
        """Before the first step of a new run."""
        for name in self.recipe.requires:
            if name not in pretrained:
                raise ValueError(f"{self.recipe.name} begins with {name}: fit(..., pretrained={{{name!r}: net}})")
        torch.manual_seed(self.recipe.seed)
        self.model.begin(pictures, pretrained)
        self.averages = {k: v.detach().clone() for k, v in self.model.state_dict().items()}

    def advance(self, batch: Batch, half: bool) -> Terms:
        """One step of every player. The terms are detached."""
        torch.manual_seed(_seed(self.recipe.seed, self.step, self.rank))
        shown: Terms = {}
        for player, optimizer in self.optimizers.items():
            for group in optimizer.param_groups:
                height = _schedule(self.step, self.horizon, self.model.hold)
                group["lr"] = self.recipe.lr * self.players[player].lr_scale * height
            with torch.autocast(self.device.type, torch.bfloat16, enabled=half):
                terms: Terms = self.objective(player, batch)
            optimizer.zero_grad(set_to_none=True)
            terms["total"].backward()
            nn.utils.clip_grad_norm_(self.players[player].parameters, CLIP)
            optimizer.step()
            shown |= {name: term.detach() for name, term in terms.items()}
        self.step += 1
        self._average()
        return shown

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(EMA, (1 + self.step) / (10 + self.step))
        now = self.model.state_dict()
        floats = [name for name, value in now.items() if value.is_floating_point()]
        mine, theirs = [self.averages[name] for name in floats], [now[name] for name in floats]
        torch._foreach_lerp_(mine, theirs, 1 - keep)  # type: ignore[attr-defined]
        for name in now.keys() - set(floats):
            self.averages[name].copy_(now[name])

    def averaged(self) -> Trainable:
        """A copy with the averaged weights, in eval mode."""
        model = build_net(self.recipe).to(self.device)
        model.load_state_dict(self.averages)
        model.settle()
        return model.eval()

    def save(self) -> None:
        """Write the checkpoint beside and rename it: a kill at any moment leaves the old or the new one, whole."""
        if not all(torch.isfinite(p).all() for p in self.model.parameters()):
            raise Diverged(f"{self.recipe.name}: weights not finite at step {self.step}; the last checkpoint was kept")
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_suffix(f".{os.getpid()}")
        with open(beside, "wb") as file:
            torch.save(
                {
                    "recipe": self.recipe.to_json(),
                    "step": self.step,
                    "horizon": self.horizon,
                    "describe": self.describe,
                    "model": self.model.state_dict(),
                    "averages": self.averages,
                    "optimizers": {player: o.state_dict() for player, o in self.optimizers.items()},
                },
                file,
            )
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self.file)
        for left in self.folder.glob("checkpoint.[0-9]*"):  # by processes that were killed while they wrote
            if time.time() - left.stat().st_mtime > STALE:
                left.unlink(missing_ok=True)

    def resume(self, steps: int | None) -> bool:
        """Take up the checkpoint, if there is one of the same recipe. The first process reads it for all."""
        box = [torch.load(self.file, map_location="cpu", weights_only=True) if self._finds_checkpoint() else None]
        if self.world > 1:
            dist.broadcast_object_list(box)
        kept = box[0]
        if kept is None:
            return False
        changed = _difference(Recipe.from_json(kept["recipe"]), self.recipe)
        if changed:
            raise ValueError(
                f"the run of {self.recipe.name!r} in {self.file} began with another recipe ({changed}); "
                "start anew with --fresh"
            )
        if steps is not None and steps != kept["horizon"]:
            raise ValueError(
                f"the run of {self.recipe.name!r} began with a horizon of {kept['horizon']:,} steps; "
                f"it cannot become {steps:,} half-way: start anew with --fresh"
            )
        if self.describe and kept["describe"] != self.describe:
            raise ValueError(
                f"the run of {self.recipe.name!r} learned from {kept['describe']['source']}, not from "
                f"{self.describe['source']}: start anew with --fresh"
            )
        self.step, self.horizon, self.describe = kept["step"], kept["horizon"], kept["describe"]
        self.model.load_state_dict(kept["model"])
        self.averages = {name: value.to(self.device) for name, value in kept["averages"].items()}
        for player, optimizer in self.optimizers.items():
            optimizer.load_state_dict(kept["optimizers"][player])
        return True

    def _finds_checkpoint(self) -> bool:
        return self.rank == 0 and self.file.exists()


class _Order:
    """Which pictures step s sees: every epoch is one permutation; the last, partial batch is left out."""

    def __init__(self, count: int, batch: int, seed: int):
        if count < batch:
            raise ValueError(f"{count} pictures do not fill one batch of {batch}")
        self.count, self.size, self.seed, self.epoch = count, batch, seed, -1
        self.permutation = torch.empty(0)

    def batch(self, step: int) -> Tensor:
        a_epoch = self.count // self.size
        epoch, within = divmod(step, a_epoch)
        if epoch != self.epoch:
            generator = torch.Generator().manual_seed(_seed(self.seed, epoch, 1 << 20))
            self.permutation, self.epoch = torch.randperm(self.count, generator=generator), epoch
        return self.permutation[within * self.size : (within + 1) * self.size]


class _Clock:
    """Terms since the last report, images a second, time left."""

    def __init__(self, step: int, horizon: int, batch: int, source: str, every: float = 2.0):
        self.horizon, self.size, self.source, self.every = horizon, batch, source, every
        self.last_step, self.last_time = step, time.monotonic()
        self.sums: Terms = {}

    def add(self, terms: Terms) -> None:
        self.sums = {name: self.sums[name] + term if name in self.sums else term for name, term in terms.items()}

    def due(self, now: float) -> bool:
        return now - self.last_time > self.every

    def read(self, step: int, now: float) -> Progress:
        done, seconds = max(1, step - self.last_step), max(1e-9, now - self.last_time)
        terms = {name: float(total) / done for name, total in self.sums.items()}
        if not all(math.isfinite(value) for value in terms.values()):
            raise Diverged(f"training diverged before step {step}: {terms}; the last checkpoint was kept")
        self.last_step, self.last_time, self.sums = step, now, {}
        speed = done * self.size / seconds
        left = (self.horizon - step) * self.size / speed
        return Progress(step, self.horizon, terms, speed, left, self.source)


def _schedule(step: int, horizon: int, hold: float = 0.0) -> float:
    """Linear warm-up, the full rate for a share `hold` of the training, then a cosine to nothing."""
    ramp = min(RAMP, horizon // 10 + 1)
    if step < ramp:
        return (step + 1) / ramp
    start = max(ramp, int(hold * horizon))
    return 0.5 * (1 + math.cos(math.pi * max(0, step - start) / max(1, horizon - start)))


def _seed(*parts: int) -> int:
    """One 63-bit seed of several small numbers (an odd-multiplier hash; collisions would only repeat some noise)."""
    mixed = 0x9E3779B97F4A7C15
    for part in parts:
        mixed = ((mixed ^ part) * 0xBF58476D1CE4E5B9 + 0x94D049BB133111EB) % (1 << 64)
        mixed ^= mixed >> 31
    return mixed % (1 << 63)


def _difference(before: Recipe, now: Recipe) -> str:
    """What of two recipes makes their runs differ, in words; "" if nothing. The horizon is the checkpoint's own."""
    old, new = asdict(before), asdict(Recipe.from_json(now.to_json()))  # tuples become lists, as in the checkpoint
    keys = ("model", "data", "net", "objective", "batch", "lr", "seed")
    return ", ".join(f"{key}: {old[key]}, now {new[key]}" for key in keys if old[key] != new[key])


def _usable(device: str) -> torch.device:
    try:
        torch.zeros(1, device=device)
        return torch.device(device)
    except (RuntimeError, AssertionError) as error:  # the second is torch's own word for a build without CUDA
        raise ValueError(f"no device {device!r} here: {str(error).splitlines()[0]}") from error


def _has_bf16(device: torch.device) -> bool:
    """Whether bf16 is in the hardware; emulated it is slower than float32."""
    return torch.cuda.is_bf16_supported() if device.type == "cuda" else torch.cpu._is_avx512_bf16_supported()


def _join_group(device: torch.device) -> tuple[int, int, torch.device]:
    """(rank, world size, this process' device): (0, 1, device) unless `torchrun` started us."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        return 0, 1, device
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    if not dist.is_initialized():
        dist.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo")
    return dist.get_rank(), world, device


def _any(mine: bool, world: int) -> bool:
    """Whether any process wants to stop: all must leave the loop at the same step."""
    if world == 1:
        return mine
    flag = torch.tensor(int(mine))
    dist.all_reduce(flag, dist.ReduceOp.MAX)
    return bool(flag)
