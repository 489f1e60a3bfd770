"""Flows between expressions of a face (Yeh 2016): where each pixel of the edited picture comes from in the photo.

A face lies in 64 x 64 pixels as `face_set` says, but for half a pixel: here (0, 0) is the picture's upper left *corner*
and a pixel's centre ends in .5, so the eyes' centres are at (21.7, 33.1) and (41.2, 33.1). A flow (2, 64, 64), x to the
right first and then y down, is given on the cells of the *edited* picture, in pixels:

    edited(x, y) = photo(x + flow_x, y + flow_y)

Its `holes` are cells that show what the photo hides (teeth, the inside of a mouth, opened eyes): no warp can make them.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE = 64  # cells
FLOW = 2 * SIDE * SIDE  # numbers in a flow

EXPRESSIONS = (
    *("neutral", "smile", "smile_open", "laugh", "mouth_open", "surprised", "sad", "angry", "disgust", "pucker"),
    *("squint", "brows_up", "eyes_closed", "wink_left", "wink_right"),
)
KINDS = ("pair", "blendshape", "exact")
"""Measured between two photographs of a person; blendshapes moved onto a photographed face; rendered, so exact."""
SOURCES = ("london", "celeba", "yale", "canada", "ict", "drawn")

# The 138 landmarks, in the order of the pack: closed lines, but for the nose.
OUTLINE, BROWS, NOSE = slice(0, 36), (slice(36, 46), slice(46, 56)), slice(56, 66)
EYES, LIPS, MOUTH = (slice(66, 82), slice(82, 98)), slice(98, 118), slice(118, 138)
POINTS = 138
# How a mouth that opens is painted: see `opened`.
MOUTH_BOX = (14, 44), (49, 64)  # where, in cells
CLOSED, APART = 2.0, 1.0  # pixels between lips that are closed in the photo; that are to be painted in the edit
STRETCHED, SOFT = 0.4, 0.2  # so few rows of the photo fill a row; how softly that begins
TEETH_END = 0.45  # of an open mouth, from above, that teeth take
DARK, TEETH = (46.0, 20.0, 22.0), (170.0, 156.0, 146.0)

NEAR = 5.0  # pixels: how far a landmark's move reaches, as a standard deviation
LOOSE = 0.1  # how much of a move may be noise, as a share of its variance

MIDDLE = 31.5  # x of the line that faces are mirrored about: between the eyes, to half a cell

SHAPES = (  # ICT-FaceKit's blendshapes, by ARKit's names; L is the person's left, right in the picture
    *("browDown_L", "browDown_R", "browInnerUp_L", "browInnerUp_R", "browOuterUp_L", "browOuterUp_R"),
    *("cheekPuff_L", "cheekPuff_R", "cheekSquint_L", "cheekSquint_R", "eyeBlink_L", "eyeBlink_R"),
    *("eyeSquint_L", "eyeSquint_R", "eyeWide_L", "eyeWide_R", "jawForward", "jawLeft", "jawOpen", "jawRight"),
    *("mouthClose", "mouthDimple_L", "mouthDimple_R", "mouthFrown_L", "mouthFrown_R", "mouthFunnel", "mouthLeft"),
    *("mouthLowerDown_L", "mouthLowerDown_R", "mouthPress_L", "mouthPress_R", "mouthPucker", "mouthRight"),
    *("mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmile_L", "mouthSmile_R"),
    *("mouthStretch_L", "mouthStretch_R", "mouthUpperUp_L", "mouthUpperUp_R", "noseSneer_L", "noseSneer_R"),
)


class Edits(NamedTuple):
    """What the columns of y say of N flows."""

    person: Tensor  # (N,), a number within its split
    source: Tensor  # (N,) of SOURCES
    start: Tensor  # (N,) of EXPRESSIONS: what the picture shows
    goal: Tensor  # (N,) of EXPRESSIONS: what the flow makes of it
    kind: Tensor  # (N,) of KINDS
    strength: Tensor  # (N,), 1: the whole expression
    points: Tensor  # (N, 138, 2), landmarks of the picture
    shapes: Tensor  # (N, 45), weights of SHAPES
    flow: Tensor  # (N, 2, 64, 64)


FACTS = 6  # columns before the points
COLUMNS = FACTS + 2 * POINTS + len(SHAPES) + FLOW


def rows(edits: Edits) -> Tensor:
    """What a data set of flows has as y, (N, COLUMNS) float32."""
    facts = torch.stack([part.float() for part in edits[:FACTS]], 1)
    return torch.cat([facts, *(part.float().flatten(1) for part in edits[FACTS:])], 1)


def of_rows(y: Tensor) -> Edits:
    """The columns of rows y (N, COLUMNS), by name."""
    person, source, start, goal, kind = y[:, : FACTS - 1].long().unbind(1)
    points, shapes, flow = y[:, FACTS:].split([2 * POINTS, len(SHAPES), FLOW], 1)
    points, flow = points.unflatten(1, (POINTS, 2)), flow.unflatten(1, (2, SIDE, SIDE))
    return Edits(person, source, start, goal, kind, y[:, FACTS - 1], points, shapes, flow)


def taken(edits: Edits, which: Tensor) -> Edits:
    """Some of the flows: `which` are their numbers, or (N,) bool."""
    return Edits(*(part[which] for part in edits))


def mirrored(edits: Edits) -> Edits:
    """The same faces as a mirror shows them: left and right are changed in place, in direction, and in names."""
    flow = mirrored_cells(edits.flow) * edits.flow.new_tensor([-1.0, 1.0])[:, None, None]
    return edits._replace(
        start=_OTHER_SIDE.to(edits.start.device)[edits.start],
        goal=_OTHER_SIDE.to(edits.goal.device)[edits.goal],
        points=mirrored_points(edits.points),
        shapes=edits.shapes[:, [_swapped(SHAPES, name, ("_L", "_R")) for name in SHAPES]],
        flow=flow,
    )


def mirrored_points(points: Tensor, about: float = MIDDLE) -> Tensor:
    """Landmarks (N, 138, 2) of the mirror image; what was the left eye's corner is the right eye's."""
    turned = points[:, _MIRROR]
    return torch.stack([2 * about - turned[..., 0], turned[..., 1]], -1)


def mirrored_cells(planes: Tensor) -> Tensor:
    """Cells (..., 64, 64), mirrored about MIDDLE; the last column, which comes from outside, repeats its neighbour."""
    turned = planes.flip(-1)[..., 1:]
    return torch.cat([turned, turned[..., -1:]], -1)


def face_cells(points: Tensor) -> Tensor:
    """Which cells lie within the face's outline, (N, 64, 64) bool, for landmarks (N, 138, 2)."""
    return inside(points[:, OUTLINE])


def eye_cells(points: Tensor, beyond: float = 2.0) -> Tensor:
    """Cells of the eyes and lids, (N, 64, 64) bool: the boxes around both eyes, and `beyond` pixels more."""
    axis = torch.arange(SIDE, device=points.device) + 0.5
    found = torch.zeros(len(points), SIDE, SIDE, dtype=torch.bool, device=points.device)
    for eye in EYES:
        low, high = points[:, eye].amin(1) - beyond, points[:, eye].amax(1) + beyond
        across, down = ((axis > low[:, i, None]) & (axis < high[:, i, None]) for i in (0, 1))
        found |= down[:, :, None] & across[:, None, :]
    return found


def inside(line: Tensor) -> Tensor:
    """Cells whose centre lies within closed lines (N, K, 2), by the even-odd rule, (N, 64, 64) bool."""
    axis = torch.arange(SIDE, device=line.device) + 0.5
    found = torch.zeros(len(line), SIDE, SIDE, dtype=torch.bool, device=line.device)
    for (x0, y0), (x1, y1) in zip(line.movedim(0, -1), line.roll(-1, 1).movedim(0, -1)):
        crosses = (y0[:, None] > axis) != (y1[:, None] > axis)  # (N, rows): a level line meets this edge
        slope = (x1 - x0) / torch.where(y1 == y0, 1.0, y1 - y0)
        at = x0[:, None] + (axis - y0[:, None]) * slope[:, None]
        found ^= crosses[:, :, None] & (axis[None, None] < at[:, :, None])
    return found


def warped(pictures: Tensor, flow: Tensor) -> Tensor:
    """Pictures (N, C, S, S) edited by flows (N, 2, 64, 64): both cover the same square, S any number of pixels.

    The flow is enlarged bilinearly, the picture read bicubically (bilinear reading blurs); beyond the edge its border
    goes on.
    """
    side = pictures.shape[-1]
    fine = F.interpolate(flow, size=(side, side), mode="bilinear", align_corners=False)
    axis = (torch.arange(side, device=flow.device) + 0.5) * 2 / side - 1
    rest = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1)
    grid = rest + fine.movedim(1, -1) * (2 / SIDE)
    return F.grid_sample(pictures, grid, mode="bicubic", padding_mode="border", align_corners=False).clamp(0, 1)


def spread(places: Tensor, moves: Tensor) -> Tensor:
    """The smooth flow (1, 2, 64, 64) that has moves (N, 2) at places (N, 2), and none far from all of them: the mean of
    a Gaussian process whose kernel is NEAR pixels wide."""

    def kernel(some: Tensor) -> Tensor:
        return (-0.5 * (torch.cdist(some, places) / NEAR).square()).exp()

    axis = torch.arange(SIDE, dtype=places.dtype) + 0.5
    cells = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1).flatten(0, 1)
    weights = torch.linalg.solve(kernel(places) + LOOSE * torch.eye(len(places), dtype=places.dtype), moves)
    return (kernel(cells) @ weights).T.reshape(1, 2, SIDE, SIDE)


def opened(flow: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """What flows (N, 2, 64, 64) cannot show and an app has to paint: how far each cell lies between lips that come
    apart, and how far it shows teeth there, (N, 64, 64) each, 0 to 1.

    That is where a row is filled by less than 0.4 rows of the photo: the line between closed lips, stretched. (On the
    validation people's blendshapes of open mouths these cells and the pack's holes have an intersection over union of
    0.7 to 0.9.) Of a mouth that is open in the photo, as its landmarks (N, 138, 2) say, nothing is painted.
    """
    share = ((STRETCHED - 1 - torch.gradient(flow[:, 1], dim=1)[0]) / SOFT).clamp(0, 1)
    (left, top), (right, bottom) = MOUTH_BOX
    inside = torch.zeros_like(share)
    inside[:, top:bottom, left:right] = 1.0
    lips = points[:, MOUTH, 1]
    closed = lips[:, 5] - lips[:, 15] < CLOSED
    share = share * inside * closed[:, None, None]
    height = share.sum(1, keepdim=True)
    share = share * (height.amax(2, keepdim=True) > APART)
    depth = share.cumsum(1) / height.clamp(min=APART)  # from the upper to the lower lip
    return share, ((TEETH_END - depth) / SOFT).clamp(0, 1) * (height > APART)


def painted(pictures: Tensor, share: Tensor, teeth: Tensor) -> Tensor:
    """Pictures (N, 3, H, W) in [0, 1] with a dark mouth and a hint of teeth, as `opened` says, at their size."""
    dark, white = (pictures.new_tensor(color)[:, None, None] / 255 for color in (DARK, TEETH))
    return torch.lerp(pictures, torch.lerp(dark, white, teeth[:, None]), share[:, None])


def folds(flow: Tensor) -> Tensor:
    """Cells where flows (N, 2, 64, 64) fold the picture over, (N, 64, 64) bool: where the Jacobian of x + flow(x) has a
    negative determinant. Slopes are central differences, at the edge one-sided ones."""
    (down_x, across_x), (down_y, across_y) = (torch.gradient(flow[:, i], dim=(1, 2)) for i in (0, 1))
    return (1 + across_x) * (1 + down_y) - down_x * across_y < 0


def _swapped(names: tuple[str, ...], name: str, sides: tuple[str, str]) -> int:
    """Where the name of the other side stands, for a name that ends with one of the `sides`; else where it stands."""
    for one, other in (sides, sides[::-1]):
        if name.endswith(one):
            return names.index(name.removesuffix(one) + other)
    return names.index(name)


def _mirror() -> list[int]:
    """For each landmark which one is in its place in the mirror image: closed lines run the other way round."""
    order = list(range(POINTS))

    def reverse(line: slice, first: int) -> None:
        count = line.stop - line.start
        order[line] = [line.start + (2 * first - k) % count for k in range(count)]

    def swap(one: slice, other: slice) -> None:
        order[one], order[other] = list(range(other.start, other.stop)), list(range(one.start, one.stop))

    reverse(OUTLINE, 0)
    reverse(LIPS, 5)
    reverse(MOUTH, 5)
    swap(*BROWS)
    swap(*EYES)
    order[64], order[65] = 65, 64  # the nostrils; the ridge of the nose stays
    return order


_MIRROR = _mirror()
_OTHER_SIDE = torch.tensor([_swapped(EXPRESSIONS, name, ("_left", "_right")) for name in EXPRESSIONS])
