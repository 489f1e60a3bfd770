"""What people upload: any picture there is in it, or one plain sentence that says why not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, PngImagePlugin, UnidentifiedImageError

from vaedemo.errors import BadPicture

if TYPE_CHECKING:
    from vaedemo.models.eyes import Eyes
    from vaedemo.vision.face_alignment import Upright

OF_FACES = ("faces", "portraits")  # data sets
MOST_BYTES = 30_000_000
MOST_PIXELS = 50_000_000  # at four bytes each, what one picture may take of the memory that all visitors share
MOST_SIDE = 2_048

# Only what decodes to pixels by itself: Pillow would hand an EPS to Ghostscript, which runs programs.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP", "TIFF", "JPEG2000", "PPM", "ICO")

# Pillow refuses a PNG for a profile of more than 1 MB; those of calibrated screens, in every screenshot, can be larger.
PngImagePlugin.MAX_TEXT_CHUNK = 8_000_000

HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
HEIC = (
    "The file is a HEIC photo, which neither this browser nor the server reads. Save it as JPEG: on an iPhone by "
    "Settings, Camera, Formats, Most Compatible for photos to come; on a Mac by Preview, File, Export."
)

_TURNS = {  # EXIF's orientation -> what brings the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_one_at_a_time = threading.Lock()  # bounds the memory: a picture in decoding may take hundreds of megabytes


def read(file: bytes | str | Path, most: int = MOST_SIDE) -> Image.Image:
    """The picture in a file, its bytes or its path, as people see it: sRGB, upright, flattened on white, at most `most`
    pixels a side.

    Of an animation, the first frame. Nothing else of the file comes along, such as its color profile.
    Raises BadPicture, and OSError where there is no such file.
    """
    size = len(file) if isinstance(file, bytes) else Path(file).stat().st_size
    if size == 0:
        raise BadPicture("The file is empty.")
    if size > MOST_BYTES:
        raise BadPicture(f"The file has {size / 1e6:,.0f} MB; pictures of up to {MOST_BYTES // 1_000_000} MB are read.")
    try:
        with _one_at_a_time, Image.open(BytesIO(file) if isinstance(file, bytes) else file, formats=FORMATS) as image:
            return _seen(image, most)
    except BadPicture:
        raise
    except UnidentifiedImageError:
        if _is_heic(file):
            raise BadPicture(HEIC) from None
        known = "PNG, JPEG, WebP, GIF, AVIF, BMP and TIFF"
        raise BadPicture(f"The file is not a picture, or of a kind that is not read here ({known} are).") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):  # Pillow's own limits are wider than ours
        raise BadPicture(f"The picture has more than the {MOST_PIXELS:,} pixels that are read.") from None
    except Exception as error:  # on damaged files Pillow's readers raise nearly anything, struct.error to IndexError
        raise BadPicture("The picture's file is damaged or cut off, and cannot be read to its end.") from error


def _is_heic(file: bytes | str | Path) -> bool:
    """Whether a file calls itself HEIF with HEVC inside (ISO 23008-12), as phones save photos."""
    if isinstance(file, bytes):
        head = file[:12]
    else:
        with open(file, "rb") as stream:
            head = stream.read(12)
    return head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS


def size(file: bytes) -> tuple[int, int]:
    """Width and height of a picture that `read` reads, in its own pixels, upright."""
    with Image.open(BytesIO(file), formats=FORMATS) as image:
        turned = _orientation(image) >= 5
        return (image.height, image.width) if turned else image.size


def _seen(image: Image.Image, most: int) -> Image.Image:
    pixels = image.width * image.height
    if pixels > MOST_PIXELS:
        raise BadPicture(
            f"The picture has {image.width:,} x {image.height:,} pixels; up to {MOST_PIXELS:,} pixels are read."
        )
    image.draft(None, (most, most))  # a JPEG is decoded at 1/2, 1/4 or 1/8: many times faster
    image.load()
    turn, profile = _TURNS.get(_orientation(image)), image.info.get("icc_profile")
    image = _eight_bits(image)
    grey, clear = image.mode in ("1", "L", "LA", "La"), image.has_transparency_data
    if clear:
        image = image.convert("RGBA")
    elif grey or image.mode not in ("RGB", "CMYK", "LAB"):
        image = image.convert("L" if grey else "RGB")
    image.thumbnail((most, most), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if clear:
        color = _in_srgb(image.convert("L" if grey else "RGB"), profile)
        image = Image.composite(color, Image.new("RGB", image.size, "white"), image.getchannel("A"))
    else:
        image = _in_srgb(image, profile)
    image.info.clear()  # whoever saves the picture would write the old profile beside the new colors
    return image if turn is None else image.transpose(turn)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture (L, RGB, CMYK or LAB) in sRGB, by the ICC profile of its file.

    A profile that is damaged, or that describes another kind of colors, is ignored, as browsers do.
    """
    try:
        # CIELAB needs no profile: it is what profiles are written in.
        source = ImageCms.createProfile("LAB") if image.mode == "LAB" else BytesIO(profile or b"")
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), image.mode, "RGB")
        if image.mode == "RGB" and _changes_nothing(transform):
            return image.convert("RGB")
        changed = ImageCms.applyTransform(image, transform)
        assert changed is not None  # it is None only of a picture that is changed in place
        return changed
    except ImageCms.PyCMSError:
        return image.convert("RGB")


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether the profile is sRGB's, give or take a level: most are, and a large photo would take a second."""
    levels = np.linspace(0, 255, 9).astype(np.uint8)
    lattice = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(27, 27, 3)
    changed = np.asarray(ImageCms.applyTransform(Image.fromarray(lattice), transform))
    return bool(np.abs(changed - lattice.astype(int)).max() <= 1)


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(_ORIENTATION, 1)
    except Exception:  # damaged EXIF data are no reason to refuse the picture
        return 1


def _eight_bits(image: Image.Image) -> Image.Image:
    """A picture of 16-bit, 32-bit or float levels as L; Pillow's own conversion would cut off whatever is above 255."""
    if not image.mode.startswith(("I", "F")):
        return image
    levels = np.asarray(image)
    if image.mode.startswith("I;16"):
        return Image.fromarray((levels >> 8).astype(np.uint8))
    levels = np.nan_to_num(levels.astype(np.float32), posinf=0, neginf=0)
    highest = float(levels.max())
    # The file does not say which level is white: the least usual one that no pixel exceeds.
    usual = (1, 255, 65_535) if image.mode == "F" else (65_535,)
    white = next((level for level in usual if highest <= level), highest)
    return Image.fromarray((levels * (255 / white)).clip(0, 255).astype(np.uint8))


def prepared(image: Image.Image, data: str, net: Eyes | None = None) -> NDArray[np.float32]:
    """The picture in the geometry of a data set's own, (C, H, W) in [0, 1].

    net: what finds the eyes in a photo; data sets `OF_FACES` cannot do without. Raises BadPicture for a blank drawing,
    for a photo in which no face is found, and for models that encode no picture but what moves in it.
    """
    readers: dict[str, Callable[[Image.Image], NDArray[np.float32]]] = {
        "digits": to_digit,
        "sprites": to_sprite,
        "turntable": to_thing,
        "lighting": to_face,
        "photos": to_photo,
    }
    if data in OF_FACES:
        if net is None:
            raise ValueError(f"net: pictures of {data!r} are cut out by their eyes, which the net faces-eyes finds")
        found = upright(image, net)
        return to_portrait(found.image, found.eyes)
    if data not in readers:
        raise BadPicture("This model encodes the motion of a picture's parts; of a picture alone it can tell no z.")
    return readers[data](image)


def to_digit(image: Image.Image) -> NDArray[np.float32]:
    """The picture in MNIST's geometry, (1, 28, 28) in [0, 1], ink white on black. Raises BadPicture for a blank one.

    As LeCun et al. (1998) made theirs: the ink's box is scaled into 20 x 20, its proportions kept, and shifted by whole
    pixels until its centre of mass lies in the middle. What is paper is read from the border; ink is what differs most
    from it, darker or lighter.
    """
    ink = _ink(image)
    rows, columns = (np.flatnonzero((ink > 0.1).any(axis)) for axis in (1, 0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    scale = 20 / max(bottom - top, right - left)
    height, width = (max(1, round(scale * float(side))) for side in (bottom - top, right - left))
    box = Image.fromarray(ink[top:bottom, left:right]).resize((width, height), Image.Resampling.BICUBIC)
    small = np.asarray(box).clip(0, None)
    small = small / small.max()  # a thin pen fades where many pixels become one
    digit = np.zeros((1, 28, 28), np.float32)
    y, x = (_start(small.sum(axis), 28) for axis in (1, 0))
    digit[0, y : y + height, x : x + width] = small
    return digit


def black_and_white(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """x in [0, 1] with every pixel 0 or 1, whichever is nearer: p(x) of a Bernoulli p(x|z) is a probability then."""
    return (x > 0.5).astype(np.float32)


def upright(image: Image.Image, net: Eyes) -> Upright:
    """The photo with its face upright, and where the face's eyes are. Raises BadPicture where no face is found."""
    from vaedemo.vision import face_alignment

    found = face_alignment.upright(image, net)
    if found is None:
        raise BadPicture("No face is found in the picture. It should look ahead, and not be too small.")
    return found


def to_portrait(image: Image.Image, eyes: NDArray) -> NDArray[np.float32]:
    """The face of a photo in the face set's geometry, (3, 64, 64) in [0, 1]: upright, the eyes where all eyes are.

    eyes: (2, 2), in pixels of the photo. Raises BadPicture where these cannot be its eyes.
    """
    from vaedemo.vision import face_alignment

    try:
        return face_alignment.align(image, eyes)
    except ValueError as error:
        raise BadPicture(str(error)) from None


def to_sprite(image: Image.Image) -> NDArray[np.float32]:
    """The picture as a sprite, (1, 64, 64), 0 or 1, ink white on black. Raises BadPicture for a blank one.

    The whole picture, for its place is what a sprite's latents tell: padded with paper to a square, never cropped or
    centred.
    """
    ink = _ink(image)
    side, (height, width) = max(ink.shape), ink.shape
    top, left = (side - height) // 2, (side - width) // 2
    square = np.zeros((side, side), np.float32)
    square[top : top + height, left : left + width] = ink
    small = np.asarray(Image.fromarray(square).resize((64, 64), Image.Resampling.BOX))
    sprite = (small >= 0.5).astype(np.float32)[None]
    if not sprite.any():
        raise BadPicture("The shape is too thin or too small: of 64 x 64 pixels it fills none by half.")
    return sprite


def to_thing(image: Image.Image) -> NDArray[np.float32]:
    """The largest centred square in color, (3, 64, 64) in [0, 1]; its ground stays, the training things' is black."""
    return np.ascontiguousarray(_square(image.convert("RGB")).transpose(2, 0, 1))


def to_photo(image: Image.Image) -> NDArray[np.float32]:
    """The whole picture squeezed to 160 x 160, as lightness and colors: (27, 32, 32) in [0, 1], see data/photos."""
    import torch

    from vaedemo.data import photos

    square = image.convert("RGB").resize((photos.SEEN, photos.SEEN), Image.Resampling.LANCZOS, reducing_gap=3.0)
    planes = photos.planes(torch.from_numpy(np.asarray(square).transpose(2, 0, 1)[None].copy()))
    return (planes[0, : photos.PLANES + 2].numpy() / 255).astype(np.float32)


def to_face(image: Image.Image) -> NDArray[np.float32]:
    """The largest centred square in grey, (1, 64, 64) in [0, 1]."""
    return _square(image.convert("L"))[None]


def _square(image: Image.Image) -> NDArray[np.float32]:
    return (np.asarray(ImageOps.fit(image, (64, 64), Image.Resampling.LANCZOS)) / 255).astype(np.float32)


def _ink(image: Image.Image) -> NDArray[np.float32]:
    """How far each pixel is from paper towards ink, (H, W) in [0, 1]; at most 512 pixels a side."""
    grey = image.convert("L")
    grey.thumbnail((512, 512), Image.Resampling.BOX, reducing_gap=None)
    levels = np.asarray(grey, np.float32)
    border = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    paper = np.median(border)
    ink = paper - levels if paper - levels.min() > levels.max() - paper else levels - paper
    # A photo's paper is shaded: as much of it as the border shows is no ink.
    ink -= 2.5 * np.median(np.abs(border - paper))
    if ink.max() < 25:
        raise BadPicture("The picture is blank: nothing in it differs from its border by a tenth of white.")
    return (ink / ink.max()).clip(0, 1)


def _start(mass: NDArray[np.float32], side: int) -> int:
    """Where `mass` (n,) begins along an axis of `side` pixels, its centre in the middle and no pixel outside."""
    centre = float((mass * (np.arange(len(mass)) + 0.5)).sum() / mass.sum())
    return min(max(round(side / 2 + 0.5 - centre), 0), side - len(mass))
