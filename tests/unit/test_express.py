"""Edits of photos by flow: what moves, how far, where it fades, and when a mouth is painted."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from vaedemo import express, zoo
from vaedemo.data import flow
from vaedemo.data.flow import EXPRESSIONS
from vaedemo.data.synthetic import grimaces
from vaedemo.errors import BadPicture, Refused
from vaedemo.models.expressions import Codes, Expressions
from vaedemo.models.eyes import Eyes
from vaedemo.models.landmarks import Landmarks

torch.set_num_threads(1)
SCALE = 4  # pixels of the photo a pixel of the face


def noise(width: int = 400, height: int = 360) -> Image.Image:
    """Smooth random colors, so that reading between pixels is exact enough."""
    coarse = np.random.default_rng(0).integers(60, 200, (height // 20, width // 20, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def a_face(image: Image.Image, angle: float = 0.0, corner: tuple[float, float] = (72.0, 60.0)) -> express.Face:
    """A drawn neutral face's landmarks, at SCALE pixels of the photo each, turned by `angle` clockwise."""
    points = torch.from_numpy(grimaces.people(1, np.random.default_rng(0)))
    cos, sin = SCALE * np.cos(angle), SCALE * np.sin(angle)
    return express.Face(image, points, np.array([[cos, -sin], [sin, cos]]), np.array(corner))


def even(right: float, down: float) -> Tensor:
    return torch.tensor([float(right), float(down)])[None, :, None, None].expand(1, 2, 64, 64).clone()


def levels(image: Image.Image) -> NDArray[np.int64]:
    return np.asarray(image).astype(int)


def test_no_flow_leaves_the_photo_as_it_is() -> None:
    photo = noise()
    assert np.array_equal(levels(express.warped(a_face(photo), even(0, 0))), levels(photo))


def test_a_flow_of_two_pixels_moves_the_face_by_eight_of_the_photo() -> None:
    photo = noise()
    moved = levels(express.warped(a_face(photo), even(2.0, -1.0)))
    inside = np.s_[70:300, 80:320]  # of the square from (72, 60) to (328, 316)
    expected = np.roll(levels(photo), (SCALE, -2 * SCALE), (0, 1))
    assert np.abs(moved - expected)[inside].max() <= 1
    assert np.abs(moved - levels(photo))[inside].mean() > 3


def test_a_turned_face_moves_along_its_own_axes() -> None:
    """A quarter clockwise: to the right in the face is down in the photo."""
    photo = noise()
    one = a_face(photo, np.pi / 2, (328.0, 60.0))
    expected = np.roll(levels(photo), -2 * SCALE, 0)  # what was 2 * SCALE lower
    moved = levels(express.warped(one, even(2.0, 0.0)))
    assert np.abs(moved - expected)[70:300, 80:320].max() <= 1


def test_beyond_the_square_the_flow_fades_and_then_nothing_moves() -> None:
    ramp = np.broadcast_to(np.arange(400)[None, :, None] * 0.5 + 20, (360, 400, 3))
    photo = Image.fromarray(ramp.astype(np.uint8))
    moved = levels(express.warped(a_face(photo), even(4.0, 0.0)))[150, :, 0] - levels(photo)[150, :, 0]
    assert moved[100:300].mean() == pytest.approx(8, abs=0.5)  # 16 pixels to the right are 8 levels more
    assert abs(moved[: 72 - 48 - 2]).max() == 0  # 12 pixels of the face are 48
    assert abs(moved[328 + 48 + 2 :]).max() == 0
    fading = moved[328:376].astype(float)
    assert 2.5 < fading[22:26].mean() < 5.5
    assert np.abs(np.diff(moved[20:380])).max() <= 2  # no seam


def test_faces_at_the_edge_of_a_photo_are_answered() -> None:
    photo = noise()
    for corner in ((-100.0, -90.0), (300.0, 250.0)):
        assert express.warped(a_face(photo, 0.3, corner), even(1.0, 1.0)).size == photo.size


def test_a_closed_mouth_that_opens_is_painted_and_no_other() -> None:
    photo = Image.new("RGB", (400, 360), (220, 170, 150))
    one = a_face(photo)
    between = float(one.points[0, flow.MOUTH, 1].mean())
    axis = torch.arange(64) + 0.5
    opens = torch.zeros(1, 2, 64, 64)  # below the line between the lips all goes down by four pixels, beside it nothing
    opens[0, 1] = -4.0 * ((axis[:, None] - between) / 4).clamp(0, 1) * ((axis - 31.5).abs() < 6)
    painted = levels(express.painted(one, opens, photo))
    changed = np.argwhere(np.abs(painted - levels(photo)).sum(2) > 30)
    middle = one.placed(torch.tensor([[31.5, between + 2]]))[0]
    assert np.abs(changed[:, ::-1].mean(0) - middle).max() < SCALE
    assert (np.abs(changed[:, ::-1] - middle).max(0) < (8 * SCALE, 4 * SCALE)).all()
    x, y = middle.astype(int)
    assert painted[y + SCALE, x].sum() < 200  # dark below,
    assert painted[y - SCALE, x].sum() > painted[y + SCALE, x].sum() + 100  # teeth above
    assert np.array_equal(levels(express.painted(one, even(0, 0), photo)), levels(photo))
    opened = one.points.clone()
    opened[:, flow.MOUTH.start : flow.MOUTH.start + 10, 1] += 3
    already = express.Face(photo, opened, one.linear, one.offset)
    assert np.array_equal(levels(express.painted(already, opens, photo)), levels(photo))


# --- models ----------------------------------------------------------------------------------------------------------


class Codebook(Expressions):
    """Decodes a code of one number to an even flow to the right."""

    def __init__(self) -> None:
        super().__init__(z=1, told=2, components=4, hidden=4)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return torch.stack([z[:, 0], 0 * z[:, 0]], 1)[:, :, None, None].expand(-1, -1, 64, 64)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    mean, number = torch.zeros(2, 15, 1), torch.zeros(2, 15)
    smile, sad, neutral = (EXPRESSIONS.index(name) for name in ("smile", "sad", "neutral"))
    mean[:, smile, 0], number[:, smile] = torch.tensor([5.0, 1.0]), 200  # measured, and as blendshapes have it
    mean[1, sad, 0], number[1, sad] = 3.0, 200
    mean[0, neutral, 0], number[0, neutral] = 2.0, 200
    codes = Codes(number, mean, torch.zeros(2, 15, 1, 2), torch.zeros(2, 15, 1, 1), torch.zeros(45, 1))
    monkeypatch.setattr(express, "_known", lambda: express._Known(Codebook().eval(), codes))


@pytest.mark.usefixtures("known")
def test_strength_goes_along_the_code_and_blendshapes_go_before_photographs() -> None:
    one = a_face(noise())
    for expression, strength, expected in (("smile", 1, 1), ("smile", -0.5, -0.5), ("sad", 1, 3), ("neutral", 1.5, 3)):
        assert float(express.flow(one, expression, strength)[0, 0, 5, 5]) == pytest.approx(expected)
    photo = express.edited(one, "smile", 1.0)
    assert np.array_equal(levels(photo), levels(express.warped(one, even(1, 0))))


def test_parts_make_up_the_face_and_a_mirrored_face_has_mirrored_parts() -> None:
    one = a_face(noise())
    left, right, below = parts = express.parts(one)
    assert parts.shape == (3, 64, 64)
    torch.testing.assert_close(parts.sum(0), torch.ones(64, 64))
    for part, brow, eye in ((left, flow.BROWS[0], flow.EYES[0]), (right, flow.BROWS[1], flow.EYES[1])):
        for x, y in one.points[0, [*range(138)[brow], *range(138)[eye]]].long().tolist():
            assert part[y, x] > 0.5
    assert below[60, 32] > 0.99
    turned = express.Face(one.image, flow.mirrored_points(one.points, 32.0), one.linear, one.offset)
    torch.testing.assert_close(express.parts(turned), torch.stack([right, left, below]).flip(2), atol=1e-4, rtol=1e-4)


@pytest.mark.usefixtures("known")
def test_codes_of_several_expressions_add_up_and_any_code_is_decoded() -> None:
    one = a_face(noise())
    both = express.mixed_flow(one, {"smile": 0.5, "sad": -0.25})
    assert float(both[0, 0, 5, 5]) == pytest.approx(0.5 * 1 - 0.25 * 3)
    drawn = express.decoded_flow(one, torch.tensor([[0.25], [-2.0]]))
    assert drawn[:, 0, 5, 5].tolist() == [0.25, -2.0]


@pytest.mark.usefixtures("known")
def test_the_fitted_code_is_the_posterior_mean_where_the_decoder_is_linear() -> None:
    """N moves m, each with variance s, and the prior N(0, 1): N m / (N + s). What moves down no code explains."""
    one = a_face(noise())
    places = torch.tensor([[20.0, 20.0], [40.0, 20.0], [30.0, 50.0]])
    z = express.fitted_code(one, places, torch.tensor([[2.0, 1.0], [2.0, -1.0], [2.0, 0.0]]))
    assert float(z) == pytest.approx(3 * 2 / (3 + express.UNSURE**2), rel=1e-4)


@pytest.mark.usefixtures("known")
def test_between_two_photos_lies_the_half_of_their_flow() -> None:
    """The second photo is the first along a flow of two pixels to the right and one down: the code says the first, and
    what is spread the second. In the middle both are read along the half of it, and the other way."""
    one = a_face(noise())
    moved = even(2.0, 1.0)
    other = express.Face(express.warped(one, moved), one.points - moved[:, :, 0, 0], one.linear, one.offset)
    pair = express.pair(one, other, 256)
    inside = np.s_[100:180, 70:180]  # of the face, among its landmarks
    first, second = (levels(face.image)[inside] for face in pair.faces)
    middle = levels(pair.at(0.5))[inside]
    wanted = levels(express.warped(pair.faces[0], 0.5 * moved))[inside]
    assert np.abs(middle - wanted).mean() < 1.5
    assert np.abs((first + second) / 2 - wanted).mean() > 2 * np.abs(middle - wanted).mean()  # a cross-fade
    assert np.abs(levels(pair.at(0.0))[inside] - first).max() <= 1
    assert np.abs(levels(pair.at(1.0))[inside] - second).max() <= 1
    assert float(pair.rests[0][:, 1, 20:50, 20:44].mean()) == pytest.approx(1.0, abs=0.1)
    assert abs(float(pair.rests[0][:, 0, 20:50, 20:44].mean())) < 0.1


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("expression", "strength", "why"),
    [
        ("grin", 1.0, "expression: one of neutral, smile.* is wanted, not 'grin'"),
        ("smile", 1.6, "strength: a number from -0.5 to 1.5"),
        ("smile", float("nan"), "strength"),
    ],
)
def test_what_it_cannot_do_is_refused(expression: str, strength: float, why: str) -> None:
    with pytest.raises(Refused, match=why):
        express.flow(a_face(noise()), expression, strength)


class Dots(Landmarks):
    """Finds two dots, a red and a green one, and takes them for the eyes' centres."""

    def locate(self, x: Tensor) -> Tensor:
        points = torch.full((len(x), 138, 2), 32.0)
        axis = torch.arange(64) + 0.5
        for eye, plane in zip(flow.EYES, x[:, :2].unbind(1)):
            mass = plane / plane.sum((1, 2), keepdim=True)
            points[:, eye, 0] = (mass.sum(1) * axis).sum(1)[:, None]
            points[:, eye, 1] = (mass.sum(2) * axis).sum(1)[:, None]
        return points


def test_landmarks_put_the_alignment_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """The eyes that a person points at are six pixels off; those of the answer lie where a face has them."""
    true = np.array([[150.0, 160.0], [230.0, 190.0]])  # from the photo's corner
    x, y = np.meshgrid(np.arange(400) + 0.5, np.arange(360) + 0.5)
    dots = [255 * np.exp(-((x - a) ** 2 + (y - b) ** 2) / 200) for a, b in true]
    photo = Image.fromarray(np.stack([*dots, np.zeros_like(x)], -1).astype(np.uint8))
    nets = {"faces-landmarks": Dots([8], 0, 8).eval(), "faces-eyes": Eyes([8], 0, 8).eval()}
    monkeypatch.setattr(zoo, "loaded_net", nets.__getitem__)
    one = express.face(photo, true - 0.5 + np.array([[4.0, -4.5], [-3.0, 2.0]]))
    own = one.points[0, [flow.EYES[0].start, flow.EYES[1].start]]
    assert np.allclose(own, express.OWN_EYES, atol=0.4)
    assert np.allclose(one.placed(own), true, atol=1.0)


def test_a_photo_without_a_face_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    nets = {"faces-landmarks": Dots([8], 0, 8).eval(), "faces-eyes": Eyes([8], 0, 8).eval()}
    monkeypatch.setattr(zoo, "loaded_net", nets.__getitem__)
    assert issubclass(express.NoFace, BadPicture)
    same = np.array([[20.0, 20.0], [20.0, 20.0]])  # what landmarks may make of something that is no face
    for found in (None, same):
        monkeypatch.setattr(express.face_alignment, "find_face", lambda *_, found=found: found)
        with pytest.raises(express.NoFace, match="No face was found"):
            express.face(noise())
    with pytest.raises(ValueError, match="Both eyes are at the same place"):
        express.face(noise(), same)
