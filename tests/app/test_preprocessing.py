"""pictures: the right picture whatever file it comes in, else one sentence that names the problem and the limit."""

from __future__ import annotations

import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw

from vaedemo.vision import preprocessing
from vaedemo.vision.preprocessing import BadPicture, prepared, read, to_digit, to_face, to_sprite, to_thing

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def halves(width: int = 64, height: int = 48) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def file(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def near(image: Image.Image, at: tuple[int, int], color: tuple[int, ...], by: int = 12) -> bool:
    return bool(np.abs(np.subtract(image.getpixel(at), color)).max() <= by)  # type: ignore[arg-type]


def shows_halves(image: Image.Image) -> bool:
    w, h = image.size
    return image.mode == "RGB" and near(image, (w // 4, h // 2), RED) and near(image, (3 * w // 4, h // 2), BLUE)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP", "TIFF", "JPEG2000", "PPM"])
def test_every_usual_kind_is_read(kind: str) -> None:
    image = read(file(halves(), kind))
    assert image.size == (64, 48)
    assert shows_halves(image)


def test_a_path_is_read_like_bytes(tmp_path: Path) -> None:
    path = tmp_path / "without-a-suffix"
    path.write_bytes(file(halves()))
    assert shows_halves(read(path))


def cmyk() -> Image.Image:
    return halves().convert("CMYK")


def palette() -> Image.Image:
    return halves().convert("P", palette=Image.Palette.ADAPTIVE)


@pytest.mark.parametrize(
    "content",
    [
        file(cmyk(), "JPEG"),
        file(cmyk(), "TIFF"),
        file(palette()),
        file(halves().convert("RGBA")),
        file(halves(), "PNG", icc_profile=b"not a profile"),
        file(halves(), "JPEG", progressive=True),
        file(halves(), "JPEG", exif=b"Exif\x00\x00damaged"),
        file(halves(), "GIF", save_all=True, append_images=[Image.new("RGB", (64, 48))]),
        file(halves(), "PNG", save_all=True, append_images=[Image.new("RGB", (64, 48))]),
        file(halves(), "WEBP", save_all=True, lossless=True, append_images=[Image.new("RGB", (64, 48))]),
        file(halves(), "TIFF", save_all=True, append_images=[Image.new("RGB", (9, 9))]),
    ],
    ids=["cmyk", "cmyk tiff", "palette", "rgba", "profile", "progressive", "exif", "gif", "apng", "webp", "pages"],
)
def test_unusual_colors_and_animations(content: bytes) -> None:
    image = read(content)
    assert image.size == (64, 48)
    assert shows_halves(image)


# Color profiles. Pillow makes only sRGB's, so that the tests write their own, as ICC.1:2010 lays them out.


def fixed(*numbers: float) -> bytes:
    """Numbers as ICC's s15Fixed16."""
    return struct.pack(f">{len(numbers)}i", *(round(number * 65_536) for number in numbers))


def profile(space: bytes, tags: dict[bytes, bytes], pcs: bytes = b"XYZ ", kind: bytes = b"mntr") -> bytes:
    """An ICC profile of a color space, with its tags."""
    white = b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249)
    tags = {b"wtpt": white, **tags}
    start, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    head = struct.pack(">I4xI4s4s4s12x4s", start + len(body), 0x04200000, kind, space, pcs, b"acsp")
    return head.ljust(68, b"\0") + fixed(0.9642, 1, 0.8249) + b"\0" * 48 + struct.pack(">I", len(tags)) + table + body


def curve(*numbers: float) -> bytes:
    """One number: a power. Five: sRGB's kind of curve (a power, and a line near black)."""
    return b"para\0\0\0\0" + struct.pack(">H2x", 0 if len(numbers) == 1 else 3) + fixed(*numbers)


SRGB_CURVE = curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
P3 = {b"rXYZ": (0.51512, 0.2412, -0.00105), b"gXYZ": (0.29198, 0.69225, 0.04189), b"bXYZ": (0.1571, 0.06657, 0.78407)}
PHONE_TAGS = {name: b"XYZ \0\0\0\0" + fixed(*xyz) for name, xyz in P3.items()}
PHONE_TAGS |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), SRGB_CURVE)
PHONE = profile(b"RGB ", PHONE_TAGS)
LINEAR_GREY = profile(b"GRAY", {b"kTRC": curve(1.0)})


def press() -> bytes:
    """A CMYK profile whose inks mix as in no other: cyan prints as the Lab of sRGB's red, all else as paper."""
    lab = {False: (255, 128, 128), True: (136, 208, 195)}
    corners = b"".join(bytes(lab[corner >= 8]) for corner in range(16))  # of C, M, Y, K; K runs fastest
    straight = bytes(range(256))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1) + 4 * straight + corners
    return profile(b"CMYK", {b"A2B0": table + 3 * straight}, b"Lab ", b"prtr")


WIDE, SEEN = (209, 57, 46), (227, 34, 32)  # a red in Display P3, and the same red in sRGB


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF"])
def test_a_phones_wide_red_becomes_srgb(kind: str) -> None:
    options = {"PNG": {}, "TIFF": {}}.get(kind, {"quality": 100})
    image = read(file(Image.new("RGB", (32, 32), WIDE), kind, icc_profile=PHONE, **options))
    assert near(image, (16, 16), SEEN, by=4)


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_profiles_hold_for_every_mode_of_pixels(mode: str) -> None:
    image = Image.new("RGB", (32, 32), WIDE).convert(mode, palette=Image.Palette.ADAPTIVE)
    assert near(read(file(image, icc_profile=PHONE)), (16, 16), SEEN, by=2)


def test_what_is_clear_is_white_beside_a_profile() -> None:
    image = Image.new("RGBA", (32, 32), (*WIDE, 0))
    image.paste((*WIDE, 255), (0, 0, 16, 32))
    image = read(file(image, icc_profile=PHONE))
    assert near(image, (4, 16), SEEN, by=2)
    assert near(image, (28, 16), WHITE, by=0)


def test_a_calibrated_screens_large_profile_is_read() -> None:
    large = profile(b"RGB ", {**PHONE_TAGS, b"priv": np.random.default_rng(0).bytes(2_000_000)})
    assert near(read(file(Image.new("RGB", (8, 8), WIDE), icc_profile=large)), (4, 4), SEEN, by=2)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_has_profiles_too(mode: str) -> None:
    image = Image.new("L", (8, 8), 128).convert(mode)
    assert near(read(file(image, icc_profile=LINEAR_GREY)), (4, 4), (188, 188, 188), by=1)
    deep = Image.fromarray(np.full((8, 8), 128 * 257, np.uint16))
    assert near(read(file(deep, icc_profile=LINEAR_GREY)), (4, 4), (188, 188, 188), by=1)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_inks_are_seen_as_their_press_prints_them(kind: str) -> None:
    image = Image.new("CMYK", (32, 32), (255, 0, 0, 0))
    image.paste((0, 0, 0, 0), (0, 0, 16, 32))
    image = read(file(image, kind, icc_profile=press()))
    assert near(image, (28, 16), RED)
    assert near(image, (4, 16), WHITE)


def test_lab_needs_no_profile() -> None:
    image = Image.new("LAB", (32, 32), (136, 208, 195))  # red
    image.paste((255, 128, 128), (0, 0, 16, 32))
    image = read(file(image, "TIFF"))
    assert near(image, (28, 16), RED)
    assert near(image, (4, 16), WHITE)


@pytest.mark.parametrize(
    "damaged",
    [b"x", PHONE[:200], PHONE[:-30], PHONE[:128] + bytes(len(PHONE) - 128), LINEAR_GREY, press()],
    ids=["no profile", "cut", "cut late", "zeros", "of grey", "of inks"],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_profile_that_cannot_be_the_pictures_is_ignored(damaged: bytes, kind: str) -> None:
    assert shows_halves(read(file(halves(), kind, icc_profile=damaged)))


def test_damage_anywhere_in_a_profile_gives_a_picture() -> None:
    random = np.random.default_rng(0)
    for good, image in ((PHONE, halves()), (LINEAR_GREY, halves().convert("L")), (press(), cmyk())):
        for _ in range(100):
            damaged = np.frombuffer(good, np.uint8).copy()
            damaged[random.integers(0, len(good), 6)] = random.integers(0, 256, 6)
            assert read(file(image, "TIFF", icc_profile=damaged.tobytes())).mode == "RGB"


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("icc", [PHONE, b"x", None], ids=["wide", "damaged", "none"])
def test_no_profile_comes_along_with_the_picture(icc: bytes | None, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = read(file(halves(), icc_profile=icc, exif=exif))
    assert not found.info
    again = Image.open(BytesIO(file(found)))
    assert "icc_profile" not in again.info
    assert not again.getexif()


def test_an_srgb_profile_changes_no_pixel() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(np.asarray(read(file(noise, icc_profile=srgb))), np.asarray(noise))


def ramp16() -> np.ndarray:
    return np.tile(np.linspace(0, 65_535, 64, dtype=np.uint16), (8, 1))


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(ramp16()),
        Image.fromarray(ramp16().astype(np.int32)),
        Image.fromarray((ramp16() / 65_535).astype(np.float32)),
        Image.fromarray((ramp16() / 257).astype(np.float32)),
        Image.fromarray(np.where(ramp16() < 99, np.nan, ramp16()).astype(np.float32)),
    ],
    ids=["16 bit", "32 bit", "float to 1", "float to 255", "float with nan"],
)
def test_deep_levels_keep_their_range(image: Image.Image) -> None:
    levels = np.asarray(read(file(image, "TIFF")))[4, :, 0]
    assert np.abs(levels - np.linspace(0, 255, 64)).max() <= 2


def test_16_bit_png() -> None:
    levels = np.asarray(read(file(Image.fromarray(ramp16()))))[4, :, 0]
    assert np.abs(levels - np.linspace(0, 255, 64)).max() <= 2


def test_transparency_is_flattened_on_white() -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert near(read(file(clear)), (4, 4), WHITE)
    assert near(read(file(clear, "WEBP", lossless=True)), (4, 4), WHITE)
    half = Image.new("RGBA", (8, 8), (255, 0, 0, 128))
    assert near(read(file(half)), (4, 4), (255, 127, 127))
    grey = Image.new("LA", (8, 8), (0, 0))
    assert near(read(file(grey)), (4, 4), WHITE)


def test_a_transparent_color_of_a_palette_is_white() -> None:
    image = palette()
    index = image.getpixel((2, 2))
    assert near(read(file(image, "GIF", transparency=index)), (2, 2), WHITE)
    assert near(read(file(image, "PNG", transparency=index)), (2, 2), WHITE)


TURNED = {  # orientation -> how a camera stores an upright picture
    1: lambda x: x,
    2: np.fliplr,
    3: lambda x: np.rot90(x, 2),
    4: np.flipud,
    5: lambda x: x.transpose(1, 0, 2),
    6: lambda x: np.rot90(x, 1),
    7: lambda x: np.rot90(x, 2).transpose(1, 0, 2),
    8: lambda x: np.rot90(x, -1),
}


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_exif_turns_the_picture_upright(orientation: int, kind: str) -> None:
    upright = np.asarray(halves()).copy()
    upright[:8] = 0  # black above
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(TURNED[orientation](upright)))
    image = read(file(stored, kind, exif=exif))
    assert image.size == (64, 48)
    assert shows_halves(image)
    assert near(image, (32, 2), (0, 0, 0), by=40)


def test_a_turned_photo_is_reduced_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = read(file(halves(4_000, 3_000).rotate(90, expand=True), "JPEG", exif=exif))
    assert image.size == (2_048, 1_536)


def test_one_pixel_is_a_picture() -> None:
    assert read(file(Image.new("RGB", (1, 1), RED))).size == (1, 1)


@pytest.mark.parametrize("size", [(20_000, 1), (1, 20_000), (20_000, 1_000)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_20_000_pixels_are_reduced(size: tuple[int, int], kind: str) -> None:
    image = read(file(Image.new("RGB", size, RED), kind))
    assert max(image.size) == 2_048
    assert near(image, (0, 0), RED)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def declared(width: int, height: int) -> bytes:
    """A small PNG that says it is `width` x `height`."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (10_000, 10_000), (8_000, 7_000), (2**31 - 1,) * 2])
def test_bombs_are_refused_before_they_are_decoded(width: int, height: int) -> None:
    tracemalloc.start()
    start = time.monotonic()
    with pytest.raises(BadPicture, match=r"pixels.*50,000,000|50,000,000 pixels"):
        read(declared(width, height))
    assert time.monotonic() - start < 5
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_chunk_that_unpacks_to_gigabytes() -> None:
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 200_000_000))
    content = file(halves())
    with pytest.raises(BadPicture):
        read(content[:33] + text + content[33:])


def test_300_megabytes_are_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    with open(path, "wb") as stream:
        stream.write(file(halves()))
        stream.truncate(300_000_000)  # sparse: no disk is filled
    tracemalloc.start()
    with pytest.raises(BadPicture, match="has 300 MB; pictures of up to 30 MB are read"):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_too_many_bytes() -> None:
    with pytest.raises(BadPicture, match="30 MB"):
        read(bytes(preprocessing.MOST_BYTES + 1))


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(/etc/passwd) run\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"hello", "not a picture"),
        (b"\0" * 4_000, "not a picture"),
        (b"%PDF-1.7\n", "not a picture"),
        (EPS, "not a picture"),
        (SVG, "not a picture"),
        (b"\x89PNG\r\n\x1a\n", "not a picture|damaged"),
        (b"GIF89a", "not a picture|damaged"),
        (file(halves())[:100], "damaged or cut off"),
        (file(halves(900, 900), "JPEG")[:3_000], "damaged or cut off"),
        (file(halves(900, 900), "WEBP")[:200], "not a picture|damaged"),
    ],
    ids=["empty", "text", "zeros", "pdf", "eps", "svg", "png magic", "gif magic", "cut png", "cut jpeg", "cut webp"],
)
def test_what_is_no_picture_is_refused_in_one_sentence(content: bytes, problem: str) -> None:
    with pytest.raises(BadPicture, match=problem) as refusal:
        read(content)
    said = str(refusal.value)
    assert said.endswith(".")
    assert "\n" not in said
    assert len(said) < 150


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow remarks on an ICO's size
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP", "TIFF", "JPEG2000", "PPM", "ICO"])
def test_damage_anywhere_gives_a_picture_or_a_sentence(kind: str) -> None:
    good, random = file(halves(), kind), np.random.default_rng(0)
    for _ in range(60):
        damaged = np.frombuffer(good, np.uint8).copy()
        damaged[random.integers(0, len(good), 6)] = random.integers(0, 256, 6)
        with suppress(BadPicture):
            assert read(damaged[: random.integers(1, len(good) + 1)].tobytes()).mode == "RGB"


# to_digit


def seven(draw: ImageDraw.ImageDraw, ink: Any, at: tuple[int, int] = (60, 40), size: int = 100, pen: int = 14) -> None:
    x, y = at
    draw.line([(x, y), (x + size * 0.6, y), (x + size * 0.2, y + size)], fill=ink, width=pen, joint="curve")


def page(paper: Any, ink: Any, **where: Any) -> Image.Image:
    image = Image.new("RGB", (280, 280), paper)
    seven(ImageDraw.Draw(image), ink, **where)
    return image


def centre(digit: np.ndarray) -> tuple[float, float]:
    y, x = np.mgrid[:28, :28]
    return float((digit[0] * y).sum() / digit.sum()), float((digit[0] * x).sum() / digit.sum())


def box(digit: np.ndarray) -> tuple[int, int]:
    return tuple(int(np.ptp(np.flatnonzero((digit[0] > 0.05).any(axis))) + 1) for axis in (1, 0))  # type: ignore


@pytest.mark.parametrize(
    ("paper", "ink"),
    [("white", "black"), ("black", "white"), ("white", "#c33"), ("#ddd", "#00f"), ("#333", "#ff0"), ("#999", "#fff")],
)
def test_ink_is_white_on_black_in_mnists_geometry(paper: str, ink: str) -> None:
    digit = to_digit(page(paper, ink))
    assert digit.shape == (1, 28, 28)
    assert digit.dtype == np.float32
    assert 0 <= digit.min() <= digit.max() <= 1
    assert digit[0, 0].max() == 0
    assert digit.max() > 0.95
    assert max(box(digit)) in (19, 20, 21)
    assert np.abs(np.subtract(centre(digit), (14.0, 14.0))).max() <= 0.75
    rows = digit[0, digit[0].any(1)].sum(1)
    assert rows[:4].sum() > 1.5 * rows[-4:].sum()  # the seven stands upright


def test_place_and_size_on_the_page_do_not_matter() -> None:
    large = to_digit(page("white", "black"))
    for where in ({"at": (5, 170), "size": 80, "pen": 11}, {"at": (100, 20), "size": 200, "pen": 28}):
        assert np.abs(to_digit(page("white", "black", **where)) - large).mean() < 0.03


def test_a_thin_pen_on_a_large_page_is_seen() -> None:
    image = Image.new("RGB", (2_048, 1_500), "white")
    seven(ImageDraw.Draw(image), "black", at=(900, 500), size=600, pen=5)
    digit = to_digit(image)
    assert digit.max() > 0.95
    assert digit.sum() > 10


def test_shaded_noisy_paper_is_paper() -> None:
    clean = page("white", "black")
    shade = np.linspace(150, 235, 280)[None, :, None] + np.random.default_rng(0).normal(0, 4, (280, 280, 1))
    photo = np.where(np.asarray(clean) < 128, 40, shade).clip(0, 255).astype(np.uint8)
    assert np.abs(to_digit(Image.fromarray(photo)) - to_digit(clean)).mean() < 0.05


@pytest.mark.data
def test_mnist_stays_mnist() -> None:
    from vaedemo import data

    changed = []
    for x in data.load("digits", "test", twin=False).floats(slice(0, 500)).numpy():
        changed.append(np.abs(to_digit(Image.fromarray((255 * x[0] + 0.5).astype(np.uint8))) - x).mean())
    assert np.median(changed) < 1e-3
    assert np.mean(np.array(changed) < 2e-3) > 0.99


@pytest.mark.parametrize("make", [lambda: Image.new("RGB", (1, 1)), lambda: Image.new("RGB", (280, 280), "white")])
def test_blank_pictures_are_refused(make: Callable[[], Image.Image]) -> None:
    with pytest.raises(BadPicture, match="blank"):
        to_digit(make())


def test_faint_noise_is_blank() -> None:
    noise = np.random.default_rng(0).normal(230, 4, (280, 280)).astype(np.uint8)
    with pytest.raises(BadPicture, match="blank"):
        to_digit(Image.fromarray(noise))


@pytest.mark.parametrize("size", [(1, 28), (28, 1), (2, 2), (3, 500), (2_048, 1)])
def test_odd_shapes_give_a_digit_or_a_sentence(size: tuple[int, int]) -> None:
    levels = np.random.default_rng(0).integers(0, 256, (size[1], size[0]), np.uint8)
    try:
        digit = to_digit(Image.fromarray(levels))
    except BadPicture:
        return
    assert digit.shape == (1, 28, 28)
    assert np.isfinite(digit).all()


# to_sprite, to_thing, to_face


def disc(size: tuple[int, int], middle: tuple[int, int], paper: str = "white", ink: str = "black") -> Image.Image:
    image = Image.new("RGB", size, paper)
    x, y = middle
    ImageDraw.Draw(image).ellipse((x - 40, y - 40, x + 40, y + 40), fill=ink)
    return image


def test_sprites_stay_sprites() -> None:
    from vaedemo import data

    drawn = data.load("sprites", "test").floats(slice(0, 200)).numpy()
    for x in drawn:
        np.testing.assert_array_equal(to_sprite(Image.fromarray((255 * x[0]).astype(np.uint8))), x)


@pytest.mark.parametrize(("paper", "ink"), [("white", "black"), ("black", "white"), ("#ddd", "#00f"), ("#999", "#fff")])
def test_a_shape_keeps_its_place_and_size(paper: str, ink: str) -> None:
    sprite = to_sprite(disc((256, 256), (200, 64), paper, ink))
    assert sprite.shape == (1, 64, 64)
    assert sprite.dtype == np.float32
    assert set(np.unique(sprite)) == {0, 1}
    y, x = np.nonzero(sprite[0])
    assert [x.mean(), y.mean()] == pytest.approx([49.5, 15.5], abs=1)
    assert sprite.sum() == pytest.approx(np.pi * 10**2, rel=0.05)


@pytest.mark.parametrize(("size", "middle"), [((512, 256), (256, 128)), ((256, 512), (128, 256))])
def test_a_page_that_is_not_square_is_padded_not_cropped(size: tuple[int, int], middle: tuple[int, int]) -> None:
    y, x = np.nonzero(to_sprite(disc(size, middle))[0])
    assert [x.mean(), y.mean()] == pytest.approx([31.5, 31.5], abs=1)
    assert np.ptp(x) + 1 == pytest.approx(10, abs=1)


def test_shapes_that_leave_nothing_are_refused() -> None:
    with pytest.raises(BadPicture, match="blank"):
        to_sprite(Image.new("RGB", (280, 280), "white"))
    hair = Image.new("L", (1_000, 1_000), 255)
    ImageDraw.Draw(hair).line([(100, 100), (900, 700)], fill=0, width=2)
    with pytest.raises(BadPicture, match="too thin or too small"):
        to_sprite(hair)


def test_a_thing_is_the_largest_centred_square_in_color() -> None:
    image = Image.new("RGB", (300, 100), "black")
    image.paste(RED, (100, 0, 150, 100))
    image.paste(BLUE, (150, 0, 200, 100))
    thing = to_thing(image)
    assert thing.shape == (3, 64, 64)
    assert thing.dtype == np.float32
    assert thing[:, 32, [4, 60]].T.tolist() == [[1, 0, 0], [0, 0, 1]]


def test_a_face_is_grey() -> None:
    face = to_face(halves())
    assert face.shape == (1, 64, 64)
    assert face.dtype == np.float32
    assert face[0, 32, [4, 60]] == pytest.approx([76 / 255, 29 / 255], abs=0.01), "the luma of red, of blue"


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3, 2)])
@pytest.mark.parametrize("data", ["digits", "sprites", "turntable", "lighting"])
def test_odd_shapes_give_every_model_a_picture_or_a_sentence(data: str, size: tuple[int, int]) -> None:
    try:
        x = prepared(Image.new("RGB", size, RED), data)
    except BadPicture:
        assert data in ("digits", "sprites")
        return
    assert np.isfinite(x).all()
    assert 0 <= x.min() <= x.max() <= 1


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_a_heic_photo_is_named_and_how_to_save_it(brand: bytes, tmp_path: Path) -> None:
    file = b"\0\0\0\x18ftyp" + brand + bytes(40)
    (tmp_path / "photo.heic").write_bytes(file)
    for given in (file, tmp_path / "photo.heic"):
        with pytest.raises(BadPicture, match=r"HEIC photo.* Save it as JPEG"):
            read(given)
