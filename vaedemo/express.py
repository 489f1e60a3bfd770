"""Expressions of a face in a photo, moved at the photo's full size: from a file to a face, and from there to edits.

    from vaedemo import express
    face = express.face(Path("photo.jpg"))
    express.edited(face, "smile", 1.0).save("smile.png")

A face lies in 64 x 64 pixels of its own (see `data.flow`); `linear @ place + offset` takes places there to the photo's,
both counted from the upper left corner. Flows are of those 64 pixels, so they cost the same whatever the photo has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from vaedemo import zoo
from vaedemo.errors import BadPicture, Refused
from vaedemo.store import bundles
from vaedemo.vision import face_alignment, preprocessing

if TYPE_CHECKING:
    from torch import Tensor

    from vaedemo.models.expressions import Codes, Expressions
    from vaedemo.models.landmarks import Landmarks

MODEL, LANDMARKS, EYES_NET = "expressions", "faces-landmarks", "faces-eyes"
SIDE = 64  # pixels of a face's own square
OWN_EYES = ((21.7, 33.1), (41.2, 33.1))  # where the eyes' centres lie there, from its upper left corner
WEAKEST, STRONGEST = -0.5, 1.5  # strengths: 1 is the whole expression
ROUNDS = 2  # how often landmarks are looked for: what they say of the eyes puts the face right for the next time
NO_FACE = "No face was found in this photo: point at the eyes, or take one seen from the front."
CUT = 0.5  # pixels of 64: so much lower and more to the right `align` puts a face than flows have it
UNSURE = 0.5  # pixels of 64: so exactly moves of landmarks are known
FITS, STEP = 3, 0.25  # rounds of a fit of z, and the step in z along which the decoder is taken for linear
MARGIN = 11.0  # pixels of 64 around a face that a pair shows
BORDER = 2.5  # pixels of 64: so much nearer a cell is e times more of a part
FADES = 12.0  # pixels of 64 beyond the square over which the flow at its edge fades to nothing


@dataclass(frozen=True)
class Face:
    """A face in a photo."""

    image: Image.Image  # RGB
    points: Tensor  # (1, 138, 2), landmarks in pixels of the face's own square
    linear: NDArray[np.float64]  # (2, 2)
    offset: NDArray[np.float64]  # (2,)
    turned: int = 0  # degrees by which the photo was turned counter-clockwise, so that its face is upright

    def placed(self, points: Tensor) -> NDArray[np.float64]:
        """Where points (N, 2) of the face's own square are in the photo, in its pixels."""
        return points.double().numpy() @ self.linear.T + self.offset

    def own(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> Tensor:
        """Where the photo's pixels from `start` to before `end`, x and y, are in the face's own square, (H, W, 2)."""
        import torch

        axes = [torch.arange(a, b, dtype=torch.float32) + 0.5 for a, b in zip(start.tolist(), end.tolist())]
        places = torch.stack(torch.meshgrid(*axes, indexing="xy"), -1) - torch.from_numpy(self.offset).float()
        return places @ torch.from_numpy(np.linalg.inv(self.linear)).float().T


class NoFace(BadPicture):
    """In a photo nobody's eyes were found: a person may point at them."""


class _Known(NamedTuple):
    model: Expressions
    codes: Codes


def expressions() -> tuple[str, ...]:
    """The expressions that `flow` knows, in the order of the model's tables."""
    from vaedemo.data.flow import EXPRESSIONS

    return EXPRESSIONS


def face(file: bytes | Path | Image.Image, eyes: ArrayLike | None = None) -> Face:
    """The face of a photo, and its landmarks.

    eyes: their centres (2, 2) in pixels, where a person has pointed at them; else they are looked for, in a photo that
    lies on its side, too, and of several faces the largest and most central counts. Raises BadPicture where there is no
    picture, NoFace, ValueError for eyes that are none, Unavailable.
    """
    from vaedemo.models.eyes import Eyes
    from vaedemo.models.landmarks import Landmarks, eye_centres

    image = file.convert("RGB") if isinstance(file, Image.Image) else preprocessing.read(file)
    finder, net = zoo.loaded_net(EYES_NET), zoo.loaded_net(LANDMARKS)
    assert isinstance(finder, Eyes)
    assert isinstance(net, Landmarks)
    turned = 0
    if eyes is None:
        found = face_alignment.upright(image, finder)
        if found is None:
            raise NoFace(NO_FACE)
        image, places, turned = found
    else:
        places = np.asarray(eyes, np.float64)
    try:
        one = _located(image, places, net)
        for _ in range(ROUNDS - 1):
            one = _located(image, one.placed(eye_centres(one.points)[0]) - 0.5, net)
    except ValueError:
        if eyes is None:  # what was found has no two eyes in the photo: it is no face
            raise NoFace(NO_FACE) from None
        raise
    return replace(one, turned=turned)


def flow(one: Face, expression: str, strength: float = 1.0) -> Tensor:
    """The backward flow (1, 2, 64, 64) that makes an expression of a face, in pixels of its own square.

    Expressions are those of blendshapes, which are plainer than the mean of what people do between two photographs;
    only "neutral", which takes a smile off, is measured. Raises Refused for an unknown expression or a strength beyond
    -0.5 to 1.5.
    """
    return mixed_flow(one, {expression: strength})


def mixed_flow(one: Face, strengths: Mapping[str, float]) -> Tensor:
    """The flow (1, 2, 64, 64) of several expressions at once: their codes add up. Raises as `flow` does."""
    import torch

    from vaedemo.models.expressions import MEASURED, SHAPED

    for expression, strength in strengths.items():
        if expression not in expressions():
            raise Refused(f"expression: one of {', '.join(expressions())} is wanted, not {str(expression)[:40]!r}")
        if not WEAKEST <= strength <= STRONGEST:  # refuses NaN, too
            raise Refused(f"strength: a number from {WEAKEST:g} to {STRONGEST:g} is wanted, not {strength}")
    model, codes = _known()
    with torch.inference_mode():
        y = model.face(one.points)
        z = torch.zeros(1, model.z)
        for expression, strength in strengths.items():
            goal = expressions().index(expression)
            kind = SHAPED if codes.number[SHAPED, goal] else MEASURED
            z = z + codes.at(kind, goal, y, strength)
        return model.decode(z, y)


def decoded_flow(one: Face, z: Tensor) -> Tensor:
    """The flow (N, 2, 64, 64) that codes z (N, Z) make of a face."""
    import torch

    model, _ = _known()
    with torch.inference_mode():
        return model.decode(z, model.face(one.points).expand(len(z), -1))


def fitted_code(one: Face, places: Tensor, moves: Tensor) -> Tensor:
    """The most probable code (1, Z) whose flow has moves (N, 2) at places (N, 2) of the face's own square.

    Moves are known up to UNSURE pixels, and the prior is N(0, I): Gauss-Newton on log p(moves | z) + log p(z). The
    slopes of the decoder are differences, STEP long.
    """
    import torch

    model, _ = _known()
    z, unit = torch.zeros(1, model.z), torch.eye(model.z)
    for _ in range(FITS):
        flows = decoded_flow(one, z + torch.cat([torch.zeros(1, model.z), STEP * unit]))
        read = flow_at(flows, places[None]).flatten(1)
        slopes = (read[1:] - read[0]) / STEP
        wanted = moves.flatten() - read[0] + z[0] @ slopes
        z = torch.linalg.solve(slopes @ slopes.T + UNSURE**2 * unit, slopes @ wanted)[None]
    return z


@dataclass(frozen=True)
class Pair:
    """Two faces cut out alike, and what takes each of them to the other."""

    faces: tuple[Face, Face]
    codes: tuple[Tensor, Tensor]  # (1, Z) each
    rests: tuple[Tensor, Tensor]  # (1, 2, 64, 64) each: what no code says of the landmarks' moves, spread

    def flows(self, t: float) -> tuple[Tensor, Tensor]:
        """The flows (1, 2, 64, 64) by which both faces are read at t, from 0, the first face, to 1, the second."""
        shares = zip(self.faces, self.codes, self.rests, (t, 1 - t))
        one, other = (decoded_flow(face, share * z) + share * rest for face, z, rest, share in shares)
        return one, other

    def at(self, t: float) -> Image.Image:
        """Both photos, warped towards each other and blended."""
        one, other = (warped(face, moved) for face, moved in zip(self.faces, self.flows(t)))
        return Image.blend(one, other, t)


def pair(one: Face, other: Face, side: int = 512) -> Pair:
    """What lies between two faces, best of one person: in pictures of `side` pixels a side.

    The flow is estimated from the landmarks of both: the code that explains most of their moves, see `fitted_code`, and
    what it leaves, spread smoothly around the landmarks. Where there are none, in hair and background, nothing moves.
    """
    faces = (_cut(one, side), _cut(other, side))
    codes, rests = zip(*(_towards(*two) for two in (faces, faces[::-1])))
    return Pair(faces, codes, rests)


def _towards(one: Face, other: Face) -> tuple[Tensor, Tensor]:
    """The code (1, Z) that takes landmarks of a face to those of the other, and the flow (1, 2, 64, 64) of the rest."""
    from vaedemo.data.flow import spread

    places, moves = other.points[0], (one.points - other.points)[0]
    z = fitted_code(one, places, moves)
    got = flow_at(decoded_flow(one, z), places[None])[0, 0]
    return z, spread(places, moves - got)


def _cut(one: Face, side: int) -> Face:
    """The face upright in a picture of its own, MARGIN around its square."""
    scale = side / (SIDE + 2 * MARGIN)
    linear, offset = scale * np.eye(2), np.full(2, scale * MARGIN)
    back = one.linear / scale
    shift = one.offset - back @ offset
    matrix = (*back[0], shift[0], *back[1], shift[1])
    bicubic = Image.Resampling.BICUBIC
    image = one.image.transform((side, side), Image.Transform.AFFINE, matrix, bicubic, fillcolor=(128, 128, 128))
    return Face(image, one.points, linear, offset)


def parts(one: Face) -> Tensor:
    """How far each cell belongs to eye and brow to the left in the picture, to those to the right, and to what is
    below, (3, 64, 64), 1 in all: flows of three codes, times these and added up, move three parts of one face.

    A cell belongs to the part whose landmarks are nearest; near the border, to both.
    """
    import torch

    from vaedemo.data.flow import BROWS, EYES, LIPS, MOUTH

    axis = torch.arange(SIDE) + 0.5
    cells = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1).flatten(0, 1)
    groups = (*zip(BROWS, EYES), (LIPS, MOUTH))
    apart = [torch.cdist(cells, torch.cat([one.points[0, part] for part in group])).amin(1) for group in groups]
    return (-torch.stack(apart) / BORDER).softmax(0).unflatten(1, (SIDE, SIDE))


def edited(one: Face, expression: str, strength: float = 1.0) -> Image.Image:
    """The photo with the expression changed, at its full size. Raises Refused and Unavailable."""
    moved = flow(one, expression, strength)
    return painted(one, moved, warped(one, moved))


def warped(one: Face, moved: Tensor) -> Image.Image:
    """The photo read along a flow (1, 2, 64, 64); beyond the face's square the flow at its edge fades to nothing."""
    import torch
    from torch.nn import functional as F

    corners = np.array([[-FADES, -FADES], [SIDE + FADES, -FADES], [-FADES, SIDE + FADES], [SIDE + FADES, SIDE + FADES]])
    low, high = _box(corners @ one.linear.T + one.offset, one.image)
    own = one.own(low, high)
    linear, offset = (torch.from_numpy(part).float() for part in (one.linear, one.offset))
    origin = (own + flow_at(moved, own)[0]) @ linear.T + offset
    pixels = torch.from_numpy(np.array(one.image)).movedim(-1, 0)[None].float()
    size = torch.tensor(one.image.size, dtype=torch.float32)
    read = F.grid_sample(
        pixels, (origin * 2 / size - 1)[None], mode="bicubic", padding_mode="border", align_corners=False
    )
    answer = one.image.copy()
    part = (read[0].movedim(0, -1) + 0.5).clamp(0, 255).to(torch.uint8).numpy()
    answer.paste(Image.fromarray(part), (int(low[0]), int(low[1])))
    return answer


def flow_at(moved: Tensor, own: Tensor) -> Tensor:
    """Flows (N, 2, 64, 64) at places (H, W, 2) of the face's own square, (N, H, W, 2); beyond it they fade."""
    from torch.nn import functional as F

    beyond = (own - own.clamp(0, SIDE)).norm(dim=-1, keepdim=True)
    grid = (own * 2 / SIDE - 1).expand(len(moved), -1, -1, -1)
    way = F.grid_sample(moved, grid, padding_mode="border", align_corners=False).movedim(1, -1)
    return way * (1 - beyond / FADES).clamp(0, 1)


def painted(one: Face, moved: Tensor, photo: Image.Image) -> Image.Image:
    """The warped photo with what no warp can show: where closed lips come apart, a dark mouth with a hint of teeth. See
    `data.flow.opened`."""
    import torch
    from torch.nn import functional as F

    from vaedemo.data.flow import MOUTH_BOX, opened
    from vaedemo.data.flow import painted as with_mouth

    planes = torch.stack(opened(moved, one.points), 1)
    if not planes[:, 0].any():
        return photo
    (left, top), (right, bottom) = MOUTH_BOX
    corners = one.placed(torch.tensor([[left, top], [right, top], [left, bottom], [right, bottom]]))
    low, high = _box(corners, photo)
    own = one.own(low, high) * 2 / SIDE - 1
    share, teeth = F.grid_sample(planes, own[None], mode="bicubic", align_corners=False).clamp(0, 1)[0]
    part = torch.from_numpy(np.array(photo.crop((*low.tolist(), *high.tolist())))).float() / 255
    mixed = with_mouth(part.movedim(-1, 0)[None], share[None], teeth[None])[0].movedim(0, -1)
    answer = photo.copy()
    answer.paste(Image.fromarray((mixed * 255 + 0.5).to(torch.uint8).numpy()), (int(low[0]), int(low[1])))
    return answer


def _box(corners: NDArray[np.float64], photo: Image.Image) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The box around corners (4, 2) within a photo: where it begins, and where the pixels after it do, x and y."""
    low = np.floor(corners.min(0)).clip(0, np.array(photo.size) - 1).astype(int)
    return low, np.ceil(corners.max(0)).clip(low + 1, photo.size).astype(int)


def _located(image: Image.Image, eyes: NDArray[np.float64], net: Landmarks) -> Face:
    """The face whose eyes are about there, (2, 2) in pixels of the photo whose centres are whole."""
    import torch

    linear, offset = _square(eyes)
    with torch.inference_mode():
        points = net.locate(torch.from_numpy(face_alignment.align(image, eyes))[None])
    return Face(image, points - CUT, linear, offset)


def _square(eyes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What takes places of the face's own square to the photo's, of eyes (2, 2) in pixels whose centres are whole: as
    `face_alignment.align` cuts it, but half a pixel of 64 aside."""
    left, right = sorted(np.asarray(eyes, np.float64) + 0.5, key=lambda eye: eye[0])
    ratio = complex(*(right - left)) / (OWN_EYES[1][0] - OWN_EYES[0][0])
    linear = np.array([[ratio.real, -ratio.imag], [ratio.imag, ratio.real]])
    return linear, left - linear @ np.array(OWN_EYES[0])


@cache
def _known() -> _Known:
    from safetensors.torch import load_file

    from vaedemo.models.expressions import Codes, Expressions

    model = zoo.loaded(MODEL)
    assert isinstance(model, Expressions)
    told = load_file(bundles.find(MODEL).folder / "latents.safetensors")
    names = ("code_count", "code_mean", "code_slope", "code_spread", "shape_codes")
    return _Known(model, Codes(*(told[name].float() for name in names)))
