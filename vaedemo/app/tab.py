"""What a tab says of itself. The page, the tour, the limits of uploads, the endpoints and the state in the address are
made of it: see docs/add-a-tab.md."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

MOST_SEED = 10**9 - 1  # of a state that is a seed


class Upload(Enum):
    """How large the body of a request may be, in bytes."""

    JSON = 2_000_000  # 1,024 vectors of 64 numbers are 1.4 MB; Gradio takes a second for each MB of what is no number
    PHOTO = 31_000_000  # a picture, and what wraps it


@dataclass(frozen=True)
class Whole:
    """A state that is a whole number from `least` to `most`."""

    least: int
    most: int


SEED = Whole(0, MOST_SEED)


@dataclass(frozen=True)
class Numbers:
    """A state of `count` numbers, each from -most to most; None: as many as a model's latents, say."""

    most: float
    count: int | None = None


@dataclass(frozen=True)
class Choice:
    """A state that is one of these words."""

    words: tuple[str, ...]

    def __init__(self, *words: str) -> None:
        object.__setattr__(self, "words", words)


@dataclass(frozen=True)
class Word:
    """A state that is one of the words which the fold's own module knows."""


State = Whole | Numbers | Choice | Word


@dataclass(frozen=True)
class Route:
    """A raw route below live/. `handler` may raise VaedemoErrors: they are answered with one sentence."""

    path: str
    handler: Callable[[Request], Awaitable[Response]]
    methods: tuple[str, ...] = ("POST",)
    takes: Upload = Upload.JSON


Ask = Callable[[str, bytes], bytes]
"""Asks a route: its path and query, and the body of a POST (empty: a GET). Answers; raises Unavailable."""


@dataclass(frozen=True)
class Endpoint:
    """A named endpoint of the page: `/NAME` of the function. Its docstring and annotations are what callers read."""

    function: Callable[..., Any]
    takes: Upload = Upload.JSON


@dataclass(frozen=True)
class Fold:
    """A fold of a tab: folds/NAME.mjs mounts the gesture; `lecture` is Markdown with KaTeX.

    state: what the address keeps of it, by key; the key in the address is TAB.NAME.KEY.
    lines: Markdown beside the gesture, for formulas that the gesture lights up, line by line.
    models: what it decodes in the browser beside its tab's, by name: the tour fetches it before it is shown.
    """

    name: str
    title: str
    sentence: str
    lecture: str = ""
    state: Mapping[str, State] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


class Chapter(Enum):
    """The lecture's chapters in its order, which is the order of the tour."""

    RECAP = "Recap: generative models and GANs"
    MANIFOLD = "The manifold"
    VAE = "The VAE"
    DERIVATION = "The derivation"
    TRAINING = "Training"
    TESTING = "Testing"
    ARCHITECTURES = "Architectures"
    DISENTANGLING = "Disentangling"
    VAE_OR_GAN = "VAE against GAN"
    VAE_GAN = "VAE/GAN"
    CVAE = "The conditional VAE"
    ATTRIBUTE2IMAGE = "Attribute2Image"
    COLORIZATION = "Colorization"
    FORECASTING = "Forecasting"
    EXPRESSIONS = "Expressions"
    CLOSING = "Closing remarks"
    NOT_COVERED = "What is not covered"


@dataclass(frozen=True)
class Notes:
    """The lecturer's: a question to the audience, what to point at, and what may go wrong."""

    ask: str
    point: str
    beware: str


@dataclass(frozen=True)
class Stop:
    """Where the tour halts: a fold of the tab (None: what the tab opens with), and what it then shows.

    minutes: how long a lecturer stays.
    """

    title: str
    sentence: str
    chapter: Chapter
    minutes: float
    notes: Notes
    fold: str | None = None
    state: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Tab:
    """A tab of the page: a folder below app/tabs/ with its name.

    first: HTML of the first paint, before any module is loaded; hero.mjs replaces it. lead: its sentence, HTML.
    examples: questions to the routes that a page without a server shall know the answers of, see app/site/.
    order: of the tabs from left to right. state: what the address keeps, shared by all folds; the key is TAB.KEY.
    models: what it opens with decodes in the browser, by name: the tour fetches it before it is shown.
    """

    name: str
    title: str
    order: int
    lead: str
    first: str = ""
    folds: tuple[Fold, ...] = ()
    stops: tuple[Stop, ...] = ()
    state: Mapping[str, State] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    examples: tuple[Callable[[Ask], object], ...] = ()
    models: tuple[str, ...] = ()

    def declared(self, fold: str | None) -> Mapping[str, State]:
        """The state of a fold, or of the tab itself. Raises KeyError for a fold that it has not."""
        if fold is None:
            return self.state
        return {one.name: one for one in self.folds}[fold].state


def declarations(tabs: tuple[Tab, ...]) -> dict[str, dict[str, Any]]:
    """What the page's modules check the address by: {"TAB.KEY" or "TAB.FOLD.KEY": {"kind": ..., range}}."""
    known: dict[str, dict[str, Any]] = {}
    for tab in tabs:
        places = {tab.name: tab.state, **{f"{tab.name}.{fold.name}": fold.state for fold in tab.folds}}
        for place, state in places.items():
            known |= {f"{place}.{key}": _described(one) for key, one in state.items()}
    return known


def _described(state: State) -> dict[str, Any]:
    return {"kind": type(state).__name__.lower(), **asdict(state)}


def stops(tabs: tuple[Tab, ...]) -> list[dict[str, Any]]:
    """The lecture's stops as the page takes them: chapter by chapter, within one in the order of the tabs."""
    told = [(tab, stop) for tab in tabs for stop in tab.stops]
    told.sort(key=lambda one: [*Chapter].index(one[1].chapter))  # a stable sort
    return [_told(tab, stop) for tab, stop in told]


def _told(tab: Tab, stop: Stop) -> dict[str, Any]:
    """The stop, with its tab, its thumbnail, and the models that are decoded there."""
    models = {fold.name: fold.models for fold in tab.folds}.get(stop.fold or "", ())
    more = {"chapter": stop.chapter.value, "picture": f"vaedemo/{thumbnail(stop)}", "models": [*tab.models, *models]}
    return {"tab": tab.name, **asdict(stop), **more}


def thumbnail(stop: Stop) -> str:
    """The stop's picture in the outline, below the package: named after its title. tools/thumbnails.py renders it."""
    return f"web/stops/{'-'.join(re.findall('[a-z0-9]+', stop.title.lower()))}.webp"
