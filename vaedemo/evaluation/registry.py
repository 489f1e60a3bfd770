"""Which measures a kind of model has on which data, what their figures mean, and the nets that they compare with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Numbers = dict[str, float]
Run = TypeVar("Run", bound=Callable[..., Numbers])


@dataclass(frozen=True)
class Measure:
    """`run(model, pictures)` gives figures, or `run(model, pictures, peers)` where there are judges or rivals."""

    run: Callable[..., Numbers]
    units: Mapping[str, str]  # of the figures that a card shows, in its order, in Markdown
    judges: tuple[str, ...] = ()  # nets without which there is no figure
    rivals: tuple[str, ...] = ()  # nets that are measured beside the model where some source has them


MEASURES: dict[tuple[str, str], list[Measure]] = {}  # by data set and registered model


def measure(
    data: str,
    *models: str,
    units: Mapping[str, str],
    judges: tuple[str, ...] = (),
    rivals: tuple[str, ...] = (),
) -> Callable[[Run], Run]:
    """Registers a function as a measure of these models on a data set; see `Measure`.

    A subclass has the measures of its nearest base that has any on the data. Peers come as a dictionary of nets.
    """

    def register(run: Run) -> Run:
        for model in models:
            MEASURES.setdefault((data, model), []).append(Measure(run, units, judges, rivals))
        return run

    return register
