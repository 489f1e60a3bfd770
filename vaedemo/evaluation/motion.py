"""Forecast trajectories against the true ones (Walker 2016, section 5), every source of clips counting alike.

A distance is the root mean square over a still's 2,560 coefficients, in pixels of the still. NLL is by a Parzen window:
-log of the mean of Gaussians around a method's samples, in nats a coefficient; its bandwidth is chosen on validation,
for every method apart and from the same list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from vaedemo import data
from vaedemo.data import Pictures, motion_scenes
from vaedemo.data.motion import MOVES, NUMBERS, of_rows, reach, to_offsets
from vaedemo.evaluation.registry import Numbers, measure
from vaedemo.models.base import Trainable
from vaedemo.models.motion import FlowClassifier, Motion, MotionRegressor
from vaedemo.models.tower_motion import OnTower
from vaedemo.vision.future_groups import GROUPED, modes

Method = Callable[[Tensor, int], Tensor]
"""Trajectories (S, 10, 16, 16) of a still x (3, 64, 64), given its number: as many as the method has."""

SAMPLES = 800
NEAREST = 10
BANDWIDTHS = 2 ** torch.arange(-4, 4.01, 0.25)  # pixels
NOISES = (0.03, 0.06, 0.12, 0.25, 0.5, 1.0)  # sigma in pixels that a regressor's answer may get
BEST_OF = (1, 2, 5, 10, 20, 50, 100)
RESAMPLED = 2_000  # times the sources are drawn anew for an interval
LEARNED = 150  # training stills that train_nll looks at
DRAWN = 1_000  # samples of a drawn scene
MOVED_OF = 20  # samples whose motion in still cells is looked at, and that are compared with each other
OFTEN = 0.1  # the share from which on a group of futures counts
RIVALS = {"regressor": "motion-regressor", "flow_classification": "motion-classifier"}  # by the ends of their keys

_PARZEN = "nats a coefficient, Parzen window"
_BEST_OF = {
    f"best_of_{k}": f"root mean square over coefficients in pixels of the still, the nearest of {k}" for k in BEST_OF
}


class Away(NamedTuple):
    """Squared distances (N, S) of a method's samples from the truth, in square pixels; the stills' sources (N,)."""

    squares: Tensor
    sources: Tensor


_PARZEN_UNITS = {"nll": f"-log p(trajectories∣still), {_PARZEN} around 800 samples, every source alike", **_BEST_OF}


@measure("actions", "motion", "motionregressor", "flowclassifier", units=_PARZEN_UNITS)
@measure("people", "motion", "motionregressor", "flowclassifier", units=_PARZEN_UNITS)
def parzen_nll(model: Motion | MotionRegressor | FlowClassifier, pictures: Pictures) -> Numbers:
    """nll and bandwidth: of `model` with 800 samples; best_of_K: the mean least distance of K of them."""
    width = _best_bandwidth(model, pictures.synthetic)
    away = _away(_method(model), pictures)
    return {"nll": _mean_by_source(_nll(away.squares, width), away.sources), "bandwidth": width, **_best_of(away)}


_BASELINES = {
    "nll_regressor": "the same of `motion-regressor`",
    "nll_flow_classification": "the same of `motion-classifier`, each cell drawn on its own",
    "nll_nearest": "the same of the training stills that are nearest in their pixels",
    "nll_gain_low": "the regressor's less the model's, lower end of the 95 % interval over sources drawn anew",
    "nll_gain_high": "upper end",
    "train_nll": "nll of training stills",
    "best_of_10_regressor_noise": "the same of ten: the regressor's answer with the best Gaussian noise",
}


@measure("actions", "motion", units=_BASELINES, rivals=tuple(RIVALS.values()))
@measure("people", "motion", units=_BASELINES, rivals=tuple(RIVALS.values()))
def baselines(model: Motion, pictures: Pictures, peers: Mapping[str, Trainable]) -> Numbers:
    """Figures of rivals on the same pictures: of the `RIVALS` that `peers` has, and of the ten training stills that are
    nearest in their pixels.

    nll_RIVAL and best_of_K_RIVAL; nll_gain_low, nll_gain_high: the 95 % interval of the regressor's NLL less the
    model's, over sources drawn anew, and likewise nll_gain_RIVAL_low, _high; best_of_K_regressor_noise: of the
    regressor's answer with Gaussian noise of the sigma that is best on validation; train_nll: of training stills.
    """
    mine, tuning = _away(_method(model), pictures), _validation_of(_set_of(model), pictures.synthetic)
    width = _best_bandwidth(model, pictures.synthetic)
    own = _nll(mine.squares, width)
    found: Numbers = {}
    rivals: dict[str, Method] = {"nearest": _nearest_stills(_set_of(model), pictures.synthetic)}
    for key, name in RIVALS.items():
        net = peers.get(name)
        if net is None:
            continue
        assert isinstance(net, MotionRegressor | FlowClassifier)
        if isinstance(net, OnTower) != isinstance(model, OnTower):
            continue  # it sees other stills
        rivals[key] = _method(net)
    for key, method in rivals.items():
        away = _away(method, pictures)
        theirs = _nll(away.squares, _bandwidth(_away(method, tuning)))
        low, high = _interval(theirs - own, mine.sources)
        prefix = "nll_gain" if key == "regressor" else f"nll_gain_{key}"
        found |= {f"nll_{key}": _mean_by_source(theirs, mine.sources), f"{prefix}_low": low, f"{prefix}_high": high}
        found |= {f"{name}_{key}": value for name, value in _best_of(away).items()}
    if "regressor" in rivals:
        found |= _with_noise(rivals["regressor"], pictures, tuning)
    learned = data.load(_set_of(model), "train", twin=pictures.synthetic)
    some = torch.randperm(len(learned), generator=torch.Generator().manual_seed(0))[:LEARNED]
    seen = _away(_method(model), Pictures(learned.source, learned.synthetic, learned.x[some], learned.y[some]))
    return {**found, "train_nll": _mean_by_source(_nll(seen.squares, width), seen.sources)}


_STATIC = {"still_motion_ratio": "mean predicted displacement of static cells, divided by that of moving cells"}


@measure("forks", "motion", units=_STATIC)
@measure("actions", "motion", units=_STATIC)
@measure("people", "motion", units=_STATIC)
def static_cell_motion(model: Motion, pictures: Pictures) -> Numbers:
    """still_motion_ratio: mean predicted displacement of static cells (which truly move less than 0.5 pixels), divided
    by that of moving cells; both means over 20 samples and all stills."""
    still, moving = [], []
    for i, x in enumerate(pictures.x):
        predicted = reach(model.futures(_y(model, x), MOVED_OF, seed=i).trajectories).mean(0)
        moves = reach(of_rows(pictures.y[i : i + 1]))[0] >= MOVES
        still.append(predicted[~moves])
        moving.append(predicted[moves])
    return {"still_motion_ratio": float(torch.cat(still).mean() / torch.cat(moving).mean())}


_SPREAD = {
    "future_groups": "groups of futures with a share of 10 % or more, of 200 draws a still, median over stills",
    "draws_apart": "mean distance between two draws, divided by the mean distance of a draw to the truth",
}


@measure("actions", "motion", units=_SPREAD)
@measure("people", "motion", units=_SPREAD)
def spread_of_draws(model: Motion, pictures: Pictures) -> Numbers:
    """future_groups: groups, as the page finds them, that hold 10 % of 200 draws or more, median over stills;
    draws_apart: the mean distance between two draws, divided by that of a draw to the truth. Both means are over 20
    draws, then over a source's stills, then over sources."""
    groups, between, off = [], [], []
    for i, (x, true) in enumerate(zip(pictures.x, of_rows(pictures.y))):
        drawn = model.futures(_y(model, x), GROUPED, seed=i).trajectories
        shares = np.bincount(modes(to_offsets(drawn)[:, :, -1].flatten(1).numpy())) / len(drawn)
        groups.append(int((shares >= OFTEN).sum()))
        some = drawn[:MOVED_OF].flatten(1)
        between.append(torch.pdist(some).mean())
        off.append((some - true.flatten()).norm(dim=1).mean())
    sources = pictures.y[:, 0]
    apart = _mean_by_source(torch.stack(between), sources) / _mean_by_source(torch.stack(off), sources)
    return {"future_groups": float(np.median(groups)), "draws_apart": apart}


@measure(
    "people",
    "motion",
    units={
        "more-people/nll": "nll of the test clips of stabilized JHMDB and of push-ups",
        "more-people/best_of_1": "best_of_1 of these",
        "more-people/best_of_10": "best_of_10 of these",
        "more-people/still_motion_ratio": "still_motion_ratio of these",
    },
)
def more_people(model: Motion, pictures: Pictures) -> Numbers:
    """more-people/nll, best_of_1, best_of_10 and still_motion_ratio: those of `parzen_nll`, with the bandwidth that is
    best on `people`'s validation, and of `static_cell_motion`, on the test clips of `more-people`, whose camera is less
    still. Of drawn pictures there is nothing more."""
    if pictures.synthetic:
        return {}
    others = data.load("more-people", "test", twin=False)
    width = _best_bandwidth(model, pictures.synthetic)
    away = _away(_method(model), others)
    best = _best_of(away)
    found = {"nll": _mean_by_source(_nll(away.squares, width), away.sources)}
    found |= {key: best[key] for key in ("best_of_1", "best_of_10")} | static_cell_motion(model, others)
    return {f"more-people/{key}": value for key, value in found.items()}


@measure(
    "forks",
    "motion",
    units={
        "modes_found_2": "futures of drawn scenes with two equally likely ones that some of 1,000 samples comes near",
        "modes_found_3": "the same of three",
        "modes_found_4": "the same of four",
        "mode_share_error": "the largest of ∣m share - 1∣ over a scene's m futures, mean over scenes",
        "mode_shares_within_half": "scenes where that is at most .5",
    },
)
def mode_coverage(model: Motion, pictures: Pictures) -> Numbers:
    """Of the drawn scenes with m equally likely futures, each sampled a thousand times, a sample counting for the
    future that is nearest: modes_found_m, the share of futures that some sample comes nearer to than half of what
    lies between it and the next one; mode_share_error, the largest of |m share - 1| in a scene, mean over scenes;
    mode_shares_within_half: scenes where it is at most .5."""
    found: dict[int, list[float]] = {2: [], 3: [], 4: []}
    errors = []
    for i, number in enumerate(pictures.y[:, 0].tolist()):
        scene = motion_scenes.scene_of(int(number))
        futures = scene.futures().flatten(1)
        samples = model.futures(_y(model, pictures.x[i]), DRAWN, seed=i).trajectories.flatten(1)
        away = torch.cdist(samples, futures)  # (1000, m)
        apart = torch.cdist(futures, futures).fill_diagonal_(torch.inf).amin(1)
        found[scene.modes].append(float((away.amin(0) < apart / 2).float().mean()))
        shares = away.argmin(1).bincount(minlength=scene.modes) / DRAWN
        errors.append(float((scene.modes * shares - 1).abs().max()))
    return {
        **{f"modes_found_{m}": float(np.mean(parts)) for m, parts in found.items()},
        "mode_share_error": float(np.mean(errors)),
        "mode_shares_within_half": float(np.mean(np.array(errors) <= 0.5)),
    }


def _y(model: Motion | MotionRegressor | FlowClassifier, x: Tensor) -> Tensor:
    return model.still(x.float() / 255)


def _set_of(model: Motion | MotionRegressor | FlowClassifier) -> str:
    """The data set of people whose stills this model sees."""
    return "people" if isinstance(model, OnTower) else "actions"


def _method(model: Motion | MotionRegressor | FlowClassifier) -> Method:
    return lambda x, i: model.futures(_y(model, x), SAMPLES, seed=i).trajectories


def _nearest_stills(name: str, synthetic: bool) -> Method:
    learned = data.load(name, "train", twin=synthetic)
    pixels = F.avg_pool2d(learned.x.float(), 2).flatten(1)

    def nearest(x: Tensor, i: int) -> Tensor:
        away = (pixels - F.avg_pool2d(x.float(), 2).flatten()).square().sum(1)
        return of_rows(learned.y[away.topk(max(BEST_OF), largest=False).indices])

    return nearest


@cache
def _validation_of(name: str, synthetic: bool) -> Pictures:
    return data.load(name, "validation", twin=synthetic)


@lru_cache(maxsize=4)
def _best_bandwidth(model: Motion | MotionRegressor | FlowClassifier, synthetic: bool) -> float:
    """On validation. Its samples take most of an evaluation's time, and several measures want it."""
    return _bandwidth(_away(_method(model), _validation_of(_set_of(model), synthetic)))


def _away(method: Method, pictures: Pictures) -> Away:
    true = of_rows(pictures.y)
    squares = [(method(x, i) - true[i]).square().flatten(1).sum(1) for i, x in enumerate(pictures.x)]
    return Away(torch.stack(squares), pictures.y[:, 0])


def _nll(squares: Tensor, width: float) -> Tensor:
    """Nats a coefficient, (N,), of squared distances (N, S)."""
    log_mean = torch.logsumexp(-squares.double() / (2 * width**2), 1) - np.log(squares.shape[1])
    return 0.5 * np.log(2 * np.pi * width**2) - log_mean / NUMBERS


def _bandwidth(away: Away) -> float:
    costs = [_mean_by_source(_nll(away.squares, float(width)), away.sources) for width in BANDWIDTHS]
    return float(BANDWIDTHS[int(np.argmin(costs))])


def _best_of(away: Away) -> Numbers:
    """Samples in groups of K, in their order; a method with fewer than K gives its best of all."""
    distances, found = (away.squares / NUMBERS).sqrt(), {}
    for k in BEST_OF:
        groups = distances[:, : max(k, distances.shape[1] // k * k)].split(k, 1)
        least = torch.stack([group.amin(1) for group in groups], 1).mean(1)
        found[f"best_of_{k}"] = _mean_by_source(least, away.sources)
    return found


def _with_noise(regressor: Method, pictures: Pictures, tuning: Pictures) -> Numbers:
    def noisy(sigma: float) -> Method:
        def method(x: Tensor, i: int) -> Tensor:
            answer = regressor(x, i)
            dice = torch.Generator().manual_seed(i)
            return answer + sigma * torch.randn(max(BEST_OF), *answer.shape[1:], generator=dice)

        return method

    sigma = min(NOISES, key=lambda sigma: _best_of(_away(noisy(sigma), tuning))["best_of_10"])
    return {f"{key}_regressor_noise": value for key, value in _best_of(_away(noisy(sigma), pictures)).items()}


def _by_source(values: Tensor, sources: Tensor) -> Tensor:
    """Means (sources,) of values (N,)."""
    _, number, count = sources.unique(return_inverse=True, return_counts=True)
    return torch.zeros(len(count), dtype=values.dtype).index_add_(0, number, values) / count


def _mean_by_source(values: Tensor, sources: Tensor) -> float:
    return float(_by_source(values, sources).mean())


def _interval(values: Tensor, sources: Tensor) -> tuple[float, float]:
    means = _by_source(values, sources).numpy()
    drawn = np.random.default_rng(0).integers(0, len(means), (RESAMPLED, len(means)))
    low, high = np.quantile(means[drawn].mean(1), [0.025, 0.975])
    return float(low), float(high)
