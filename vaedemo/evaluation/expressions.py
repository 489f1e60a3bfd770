"""How well flows between expressions are encoded, and foretold from a photo alone.

Errors are counted on the cells within the outline of the face that some warp can fill (`counted`), in pixels of 64. The
share of the flow that is left unexplained is the sum of squared errors over the sum of squared flows, over all such
cells of all rows: 0 is exact, 1 as good as no motion at all.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from vaedemo import data
from vaedemo.data import Pictures
from vaedemo.data.flow import EXPRESSIONS, Edits, eye_cells, face_cells, folds, of_rows, taken
from vaedemo.evaluation.registry import Numbers, measure
from vaedemo.models.expressions import MEASURED, SHAPED, Expressions, codes_of

PIECE = 250  # rows at once
DRAWS, BEST_OF = 50, 10  # codes of an expression that are drawn for each row, and of how many at a time the best counts
RIDGES = (3.0, 30.0, 300.0, 3_000.0)  # of which the linear model takes the best on validation
FOLDED, STRONGEST = 1_000, 1.2  # edits that are looked at for folds, and up to which strength
NEUTRAL, SMILE, SMILE_OPEN = (EXPRESSIONS.index(name) for name in ("neutral", "smile", "smile_open"))

Foretell = Callable[[Edits, int], Tensor]
"""Flows (N, 2, 64, 64) of rows that all go to one expression (a place in EXPRESSIONS), from their landmarks alone."""


@measure(
    "expressions",
    "expressions",
    units={
        "smile_unexplained": "share of the flow, real pairs from neutral to a smile, from the photo's landmarks alone",
        "smile_unexplained_mean": "the same of the expression's mean flow",
        "smile_unexplained_ridge": "the same of ridge regression on the landmarks",
        "smile_best_of_10_unexplained": "the same of the best of ten draws of the expression's codes",
        "synthetic_unexplained": "share of the flow, blendshapes and rendered heads, from landmarks and strength",
        "synthetic_unexplained_ridge": "the same of ridge regression on the landmarks",
        "reconstruction_unexplained": "share of the flow, all real pairs, encoded and decoded",
    },
)
def unexplained(model: Expressions, pictures: Pictures) -> Numbers:
    """Reconstruction: each real pair's flow through the posterior's mean and the decoder, given the face.

    Smile: real pairs from neutral to a smile, closed or open, each foretold by that expression's code for the face, as
    training people have it; by the expression's mean flow; and by ridge regression of flows on landmarks, the best of
    `RIDGES` on validation people. Best of ten: 50 codes of the expression are drawn for each row, and of each ten the
    nearest one counts, mean over the tens. Synthetic: flows by blendshapes and of rendered heads, foretold by the
    expression's code for the face and the strength; ridge regression foretells the flow at strength 1 likewise.
    """
    seen = data.load("expressions", "train", twin=pictures.synthetic)
    tuning = data.load("expressions", "validation", twin=pictures.synthetic)
    codes, found = codes_of(model, seen), {}
    for kind, key in ((MEASURED, "smile"), (SHAPED, "synthetic")):
        learned, rows, others = (chosen(of, kind) for of in (seen, pictures, tuning))

        def by_code(edits: Edits, goal: int, kind: int = kind) -> Tensor:
            y = model.face(edits.points)
            return model.decode(codes.at(kind, goal, y, edits.strength[:, None]), y)

        linear = min((_ridge(learned[0], amount) for amount in RIDGES), key=lambda one: left(one, *others))
        found[f"{key}_unexplained"] = left(by_code, *rows)
        found[f"{key}_unexplained_ridge"] = left(linear, *rows)
        if kind == MEASURED:
            found[f"{key}_unexplained_mean"] = left(_mean_flow(learned[0]), *rows)

            def drawn(edits: Edits, goal: int) -> Tensor:
                y = model.face(edits.points)
                return model.decode(codes.drawn(MEASURED, goal, y), y)

            found[f"{key}_best_of_10_unexplained"] = best_of(drawn, *rows)
    return {**found, "reconstruction_unexplained": reconstruction(model, pictures)}


@measure(
    "expressions",
    "expressions",
    units={"folded_cells": "share of cells, eyes aside, where an edit folds the face over: 1,000 edits up to 1.2"},
)
def folded_cells(model: Expressions, pictures: Pictures) -> Numbers:
    """The share of cells where x + flow(x) has a Jacobian of negative determinant, over 1,000 edits: faces of the split
    to any expression that the training set has, at strengths from 0 to 1.2. Cells of eyes and lids do not count: an
    eye that closes folds."""
    codes = codes_of(model, data.load("expressions", "train", twin=pictures.synthetic))
    points = of_rows(pictures.y).points
    ways = codes.number.nonzero()
    many = torch.tensor(0.0), torch.tensor(0.0)
    for part in torch.arange(FOLDED).split(PIECE):
        shown = points[torch.randint(len(points), (len(part),))]
        y, strength = model.face(shown), STRONGEST * torch.rand(len(part), 1)
        to = ways[torch.randint(len(ways), (len(part),))]
        z = torch.cat([codes.at(int(k), int(g), y[[i]], strength[[i]]) for i, (k, g) in enumerate(to)])
        counts = ~eye_cells(shown)
        many = many[0] + (folds(model.decode(z, y)) & counts).sum(), many[1] + counts.sum()
    return {"folded_cells": float(many[0] / many[1])}


def chosen(pictures: Pictures, kind: int) -> tuple[Edits, Tensor]:
    """Rows of a split and their cells that count: MEASURED, real pairs from neutral to a smile, closed or open; SHAPED,
    all blendshapes and rendered heads."""
    edits = of_rows(pictures.y)
    mine = (edits.kind > 0) if kind == SHAPED else (edits.kind == 0) & smiles(edits)
    return taken(edits, mine), counted(pictures)[mine]


def smiles(edits: Edits) -> Tensor:
    """Which rows go from neutral to a smile, closed or open, (N,) bool."""
    return (edits.start == NEUTRAL) & ((edits.goal == SMILE) | (edits.goal == SMILE_OPEN))


def counted(pictures: Pictures) -> Tensor:
    """Cells (N, 1, 64, 64) of the rows of a split that lie within the face's outline and that a warp can fill."""
    return (face_cells(of_rows(pictures.y).points) & (pictures.x[:, 3] < 128))[:, None]


def squares(flow: Tensor, counts: Tensor) -> Tensor:
    """The sum of squares of flows (N, 2, 64, 64) over cells that count (N, 1, 64, 64), (N,)."""
    return (flow.square() * counts).flatten(1).double().sum(1)


def left(foretell: Foretell, edits: Edits, counts: Tensor) -> float:
    """The share of the flow that is left unexplained."""
    return _share(lambda flow, cells, answer: squares(answer - flow, cells), foretell, edits, counts)


def best_of(draw: Foretell, edits: Edits, counts: Tensor) -> float:
    """The same, where `draw` gives another flow at each call: of `DRAWS` in groups of ten the nearest of each group
    counts, mean over the groups."""

    def nearest(flow: Tensor, cells: Tensor, *answers: Tensor) -> Tensor:
        each = torch.stack([squares(answer - flow, cells) for answer in answers], 1)  # (N, DRAWS)
        return each.unflatten(1, (-1, BEST_OF)).amin(2).mean(1)

    return _share(nearest, draw, edits, counts, DRAWS)


def reconstruction(model: Expressions, pictures: Pictures) -> float:
    """The share of real pairs' flow that encoding (the posterior's mean) and decoding leave."""
    edits, counts = of_rows(pictures.y), counted(pictures)
    mine = (edits.kind == 0).nonzero()[:, 0]
    lost, whole = torch.zeros(2, dtype=torch.float64)
    for part in mine.split(PIECE):
        flow, y = edits.flow[part], model.face(edits.points[part])
        answer = model.decode(model.encode(flow, y).mean, y)
        lost, whole = lost + squares(answer - flow, counts[part]).sum(), whole + squares(flow, counts[part]).sum()
    return float(lost / whole)


def _share(error: Callable[..., Tensor], foretell: Foretell, edits: Edits, counts: Tensor, times: int = 1) -> float:
    """`error(flow, counts, answer, ...)` of all rows, expression by expression, over the rows' own squares."""
    lost, whole = torch.zeros(2, dtype=torch.float64)
    for goal in edits.goal.unique().tolist():
        rows = (edits.goal == goal).nonzero()[:, 0]
        mine, cells = taken(edits, rows), counts[rows]
        lost = lost + error(mine.flow, cells, *(foretell(mine, goal) for _ in range(times))).sum()
        whole = whole + squares(mine.flow, cells).sum()
    return float(lost / whole)


def _mean_flow(learned: Edits) -> Foretell:
    """The expression's mean flow, whatever the face."""
    return lambda edits, goal: learned.flow[learned.goal == goal].mean(0, keepdim=True).expand_as(edits.flow)


def _ridge(learned: Edits, amount: float) -> Foretell:
    """Ridge regression of an expression's flow at strength 1 on landmarks (in pixels, from their mean), in its dual
    form: there are fewer people than landmarks."""

    def foretell(edits: Edits, goal: int) -> Tensor:
        mine = learned.goal == goal
        faces, strength = learned.points[mine].flatten(1), learned.strength[mine, None]
        middle = faces.mean(0)
        faces, flows = faces - middle, learned.flow[mine].flatten(1) / strength
        mean = flows.mean(0)
        kernel = faces @ faces.T + amount * torch.eye(len(faces))
        near = (edits.points.flatten(1) - middle) @ faces.T
        answer = mean + near @ torch.linalg.solve(kernel, flows - mean)
        return (answer * edits.strength[:, None]).view_as(edits.flow)

    return foretell
