"""A person's photo in the geometry of the faces that models learned from: the eyes are found, then put in place.

The search has two steps. A cascade of local binary patterns (Viola & Jones 2001, Zhang et al. 2007; scikit-image brings
a trained one) gives rough places, and where it gives none, squares all over the photo do. Then the net `faces-eyes`
looks at each as if it were aligned, says where the eyes really are, and looks again. Places are (x, y) in pixels whose
centres are whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from scipy.ndimage import map_coordinates

from vaedemo.data.face_set import EYES, SIDE

if TYPE_CHECKING:
    from vaedemo.models.eyes import Eyes

CLOSEST = 2.0  # pixels between the eyes: nearer ones say nothing of size and angle
_FINE = 1_024  # pixels a side: the photo as the net sees it
_COARSE = 256  # the photo as the cascade sees it, which costs a tenth of a second
_SMALLEST = 24  # pixels: the cascade's own window, and the least square that is looked at
_PIECE = 256  # crops that the net is asked about at once
_WINDOW_EYES = ((0.3, 0.4), (0.7, 0.4))  # of a window of the cascade
_PARTS = (1.0, 0.7, 0.5, 0.35)  # of the photo's shorter side
_STEP = 0.25  # of a square
_REMEMBERED = 256  # photos, a hundred bytes each
_BEST = 8  # squares that are looked at again
_ROUNDS = 3
_CLEAR = 6.5  # logit: nothing but a face looks like that to the net. Lower ones need the cascade's word, too
_PLAIN = 7.6  # logit: turned into place, 19 portraits' faces looked like 7.8 and more; what was none, like 7.4 and less
_SURE = 0.0  # below it there is no face
_Search = Callable[["Eyes", Image.Image], NDArray[np.float64]]
_TURNS = {90: Image.Transpose.ROTATE_90, 270: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180}
_DOUBT = 3.0  # so much lower a logit may be before its place is put right, or beside that of a surer face


class Upright(NamedTuple):
    """A photo, and the eyes of its face."""

    image: Image.Image
    eyes: NDArray[np.float64]  # (2, 2), in the turned photo's pixels
    degrees: int  # that it was turned by, counter-clockwise: 0, 90, 270 or 180


def find_face(image: Image.Image, net: Eyes) -> NDArray[np.float64] | None:
    """The eyes of the face in a photo: (2, 2) in its pixels, the left one in the picture first; None: no face is found.

    Of several faces the largest and most central counts. image: RGB of any size; from brow to chin the face should take
    a tenth of its longer side, and be turned by no more than 45 degrees. net: "faces-eyes".
    """
    found = _look(image, net, (_upright, _tilted, _squares))
    return found and found.eyes


class _Found(NamedTuple):
    eyes: NDArray[np.float64]  # (2, 2), in the photo's pixels
    logit: float  # of the clearest face in the photo


def _look(image: Image.Image, net: Eyes, searches: Iterable[_Search]) -> _Found | None:
    """The eyes of the face that the first of the searches finds which finds any."""
    fine, shrunk = _reduced(image, _FINE)
    if min(fine.size) < _SMALLEST:
        return None
    for search in searches:
        faces, logits = _faces(net, fine, search(net, fine))
        if len(faces):
            break
    else:
        return None
    faces = faces[logits > logits.max() - _DOUBT]
    apart = np.linalg.norm(faces[:, 1] - faces[:, 0], axis=1)
    off = np.linalg.norm(faces.mean(1) - np.array(fine.size) / 2, axis=1) / max(fine.size)
    eyes = faces[(apart * (1 - off)).argmax()] * shrunk + (shrunk - 1) / 2
    return _Found(eyes.clip(0, np.array(image.size) - 1), float(logits.max()))


def upright(image: Image.Image, net: Eyes) -> Upright | None:
    """The photo turned so that its face is upright, where that takes a quarter turn or two, and the face's eyes there.

    A photo that shows the net a clear face as it lies stays. A turned one must show a clear face to cascade and net:
    less clear ones are seen in clothes and in cars on their side. None: no face is found either way. What was found in
    the latest photos is remembered: one photo is looked at in several tabs, and an example by a whole hall.
    """
    found = _upright_eyes(_Photo(image), net)
    return found and Upright(turned_by(image, found[1]), found[0].copy(), found[1])


class _Photo:
    """A photo known by its pixels. What remembers it keeps no photo: see `take`."""

    def __init__(self, image: Image.Image) -> None:
        self._image: Image.Image | None = image
        self._key = image.size, sha256(image.tobytes()).digest()

    def take(self) -> Image.Image:
        """The photo, once."""
        image, self._image = self._image, None
        assert image is not None
        return image

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Photo) and other._key == self._key


@lru_cache(maxsize=_REMEMBERED)
def _upright_eyes(photo: _Photo, net: Eyes) -> tuple[NDArray[np.float64], int] | None:
    """The eyes and degrees of `Upright`."""
    image = photo.take()
    eyes = find_face(image, net)
    clear = -np.inf if eyes is None else float(_asked(net, image, eyes[None])[1][0])
    if clear < _PLAIN:
        looks = {degrees: _look(turned_by(image, degrees), net, (_upright,)) for degrees in _TURNS}
        seen = [(look.logit, degrees, look.eyes) for degrees, look in looks.items() if look]
        clearest, degrees, turned = max(seen, key=lambda one: one[0], default=(-np.inf, 0, None))
        if turned is not None and clearest > _PLAIN:
            return turned, degrees
    return None if eyes is None else (eyes, 0)


def turned_by(image: Image.Image, degrees: int) -> Image.Image:
    """The picture turned counter-clockwise by 0, 90, 180 or 270 degrees."""
    return image.transpose(_TURNS[degrees]) if degrees else image


def align(image: Image.Image, eyes: ArrayLike) -> NDArray[np.float32]:
    """The face of a photo whose eyes are at `eyes`, upright, (3, 64, 64) in [0, 1]: the eyes lie at `EYES` there.

    image: RGB. eyes: (2, 2), in its pixels, in any order: the left one in the picture becomes the left one. Beyond the
    photo's edge its border goes on. Raises ValueError, in words for the person who pointed at the eyes.
    """
    points = np.asarray(eyes, np.float64)
    if points.shape != (2, 2) or not np.isfinite(points).all():
        raise ValueError("Two eyes are needed, each as two numbers: x and y in pixels of the photo.")
    if (points < -0.5).any() or (points > np.array(image.size) - 0.5).any():
        raise ValueError(f"An eye lies outside of the photo, which has {image.width:,} x {image.height:,} pixels.")
    if np.linalg.norm(points[1] - points[0]) < CLOSEST:
        raise ValueError("Both eyes are at the same place: point at one, then at the other.")
    return _cut(image, points[points[:, 0].argsort(kind="stable")])


def _cut(image: Image.Image, eyes: NDArray[np.float64], fine: int = 2) -> NDArray[np.float32]:
    """`align` for eyes that may lie anywhere. `fine` times as many pixels are read on the way, then averaged; so that
    none is left out, of a large face the photo is reduced before."""
    linear, offset = _similarity(eyes)
    factor = max(1, round(float(np.linalg.norm(linear[0])) / fine))
    corners = np.array([[0, 0], [0, SIDE], [SIDE, 0], [SIDE, SIDE]]) @ linear.T + offset
    low = np.clip(corners.min(0) - 2 * factor, 0, np.array(image.size) - 1).astype(int)
    high = np.clip(corners.max(0) + 2 * factor, low + 1, image.size).astype(int)
    part = np.asarray(image.reduce(factor, (*low.tolist(), *high.tolist())), np.float32)  # (h, w, 3)
    axis = (np.arange(SIDE * fine) + 0.5) / fine - 0.5
    grid = np.stack(np.meshgrid(axis, axis), -1) @ linear.T + offset  # (128, 128, 2), in pixels of the photo
    place = ((grid - low + 0.5) / factor - 0.5)[..., ::-1].transpose(2, 0, 1)
    planes = np.stack([map_coordinates(part[..., c], place, order=1, mode="nearest") for c in range(3)])
    return (planes.reshape(3, SIDE, fine, SIDE, fine).mean((2, 4)) / 255).astype(np.float32)


def _similarity(eyes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What takes a point q of the aligned face to linear @ q + offset of the photo."""
    (x0, y0), (x1, y1) = EYES
    ratio = complex(*(eyes[1] - eyes[0])) / complex(x1 - x0, y1 - y0)
    linear = np.array([[ratio.real, -ratio.imag], [ratio.imag, ratio.real]])
    return linear, eyes[0] - linear @ (x0, y0)


def _faces(net: Eyes, image: Image.Image, eyes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rough eyes (N, 2, 2), put right by the net, where it still sees a face then and is sure, or the cascade sees one,
    too; and its logits."""
    logits = np.zeros(len(eyes))
    for turn in range(_ROUNDS):
        if not len(eyes):
            break
        found, logits = _asked(net, image, eyes)
        inside = ((found > -0.5) & (found < np.array(image.size) - 0.5)).all((1, 2))
        apart = np.linalg.norm(found[:, 1] - found[:, 0], axis=1)
        keep = (logits > _SURE - _DOUBT * (turn < _ROUNDS - 1)) & (apart > CLOSEST) & inside
        eyes, logits = found[keep], logits[keep]
    agreed = np.array([logit > _CLEAR or _confirmed(image, pair) for pair, logit in zip(eyes, logits)], bool)
    return eyes[agreed], logits[agreed]


def _asked(
    net: Eyes, image: Image.Image, eyes: NDArray[np.float64], fine: int = 2
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the net sees the eyes (N, 2, 2) when it looks at the photo aligned by rough ones; its logits (N,)."""
    import torch

    answers = []
    for start in range(0, len(eyes), _PIECE):  # a banner has room for thousands
        crops = np.stack([_cut(image, pair, fine) for pair in eyes[start : start + _PIECE]])
        with torch.inference_mode():
            answers.append(net.locate(torch.from_numpy(crops)))
    found, logits = (torch.cat(parts) for parts in zip(*answers))
    places = found.double().numpy()
    for pair, place in zip(eyes, places):
        linear, offset = _similarity(pair)
        place[:] = place @ linear.T + offset
    return places, logits.double().numpy()


def _confirmed(image: Image.Image, eyes: NDArray[np.float64]) -> bool:
    """Whether the cascade, too, sees a face in the photo aligned by these eyes."""
    face = np.kron(_cut(image, eyes).mean(0), np.ones((2, 2)))
    middle = np.array(EYES).mean(0) * 2
    return any(
        abs(box["c"] + 0.5 * box["width"] - middle[0]) < 16 and abs(box["r"] + 0.4 * box["height"] - middle[1]) < 16
        for box in _detected((255 * face).astype(np.uint8), 64, 120)
    )


def _upright(net: Eyes, image: Image.Image) -> NDArray[np.float64]:
    return _windows(image, (0, -20, 20))  # degrees: the cascade knows faces that are upright, to about 15


def _tilted(net: Eyes, image: Image.Image) -> NDArray[np.float64]:
    return _windows(image, (-40, 40))


def _windows(image: Image.Image, angles: Iterable[int]) -> NDArray[np.float64]:
    """Where the cascade sees faces in the photo turned by any of the angles, as rough eyes (N, 2, 2)."""
    small = image.convert("L")
    small.thumbnail((_COARSE, _COARSE), Image.Resampling.BOX)
    scale = image.width / small.width
    middle = (np.array(small.size) - 1) / 2
    pairs = []
    for angle in angles:
        turned = np.asarray(small.rotate(angle, Image.Resampling.BILINEAR, fillcolor=128))
        cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        upright = np.array([[cos, -sin], [sin, cos]])
        for box in _detected(turned, _SMALLEST, max(small.size)):
            eyes = np.array(_WINDOW_EYES) * (box["width"], box["height"]) + (box["c"], box["r"])
            pairs.append((((eyes - middle) @ upright.T + middle) + 0.5) * scale - 0.5)
    return np.array(pairs).reshape(-1, 2, 2)


def _squares(net: Eyes, image: Image.Image) -> NDArray[np.float64]:
    """Squares all over the photo that the net takes most for a face, as rough eyes (N, 2, 2)."""
    pairs = []
    for side in (part * min(image.size) for part in _PARTS):
        if side < _SMALLEST:
            break
        rows, columns = (_spread(length - side, side * _STEP) for length in (image.height, image.width))
        pairs += [np.array(EYES) * side / SIDE + (column, row) for row in rows for column in columns]
    eyes = np.stack(pairs)
    _, logits = _asked(net, image, eyes, fine=1)
    return eyes[logits.argsort()[::-1][:_BEST]]


def _detected(grey: NDArray[np.uint8], smallest: int, largest: int) -> list[dict[str, int]]:
    """The cascade's windows in a picture (H, W): r, c, width, height."""
    planes = np.repeat(grey[..., None], 3, 2)
    sizes = {"min_size": (smallest, smallest), "max_size": (largest, largest)}
    return _cascade().detect_multi_scale(img=planes, scale_factor=1.2, step_ratio=1, **sizes)


def _spread(room: float, step: float) -> NDArray[np.float64]:
    return np.linspace(0, room, int(np.ceil(room / step - 1e-9)) + 1)


def _reduced(image: Image.Image, side: int) -> tuple[Image.Image, int]:
    """The photo with no side above `side`, and by which whole number it was divided."""
    factor = -(-max(image.size) // side)
    return (image.reduce(factor), factor) if factor > 1 else (image, 1)


@cache
def _cascade() -> Any:
    from skimage import data
    from skimage.feature import Cascade

    return Cascade(data.lbp_frontal_face_cascade_filename())
