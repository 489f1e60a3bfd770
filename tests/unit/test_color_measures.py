"""Measures of colorings on answers whose figures are known: perfect, grey, shifted, bleeding."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from vaedemo.data import Pictures, photos
from vaedemo.data.photos import packed
from vaedemo.evaluation import colors as measures
from vaedemo.models import color_vae, image_tower
from vaedemo.models.color_fields import Answers, Draws
from vaedemo.models.color_vae import condition_of, field_of
from vaedemo.models.colorization import Colorization
from vaedemo.models.image_tower import ImageTower
from vaedemo.vision import cielab

torch.set_num_threads(1)
TINY = {"z": 5, "maps": [8, 6, 6], "widths": [8, 6, 6], "mixture": 8, "hidden": 16}


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def squares(n: int = 6) -> Pictures:
    """Bright squares of one color on dark ground of another, both saturated; of two sets, four of the first."""
    light, ab = torch.full((n, 1, 64, 64), 0.3), torch.zeros(n, 2, 32, 32)
    for k in range(n):
        ab[k, 0], ab[k, 1] = 0.3, -0.2
        corner = 4 + 3 * (k % 6)
        light[k, :, 2 * corner : 2 * corner + 20, 2 * corner : 2 * corner + 20] = 0.8
        ab[k, 0, corner : corner + 10, corner : corner + 10] = -0.25
    return Pictures(
        "squares", True, packed(light, ab), torch.tensor([[0, -1, 0]] * 4 + [[2, -1, 0]] * (n - 4)), photos.FACTORS
    )


class Known:
    """Answers with what it is given for each grey picture."""

    def __init__(self, pictures: Pictures, change):
        x = pictures.floats(slice(None))
        self.known = [(y, change(ab)) for y, ab in zip(condition_of(x), field_of(x))]

    def grey(self, y: Tensor) -> SimpleNamespace:
        return SimpleNamespace(mean=self.answers(y[0], 8, 0).fields.mean(0, keepdim=True))

    def answers(self, y: Tensor, n: int, seed: int) -> Answers:
        return next(Answers(fields) for grey, fields in self.known if torch.equal(grey, y))


def answered(change) -> dict[str, float]:
    pictures = squares()
    return measures.best_of_8(Known(pictures, change), pictures)  # type: ignore[arg-type]


def things(n: int = 3) -> Pictures:
    """A strong square of 10 x 10 cells on even ground, as `data.photos` gives it: of colors128, its color free."""
    light, ab = torch.rand(n, 1, 160, 160), torch.full((n, 2, 32, 32), 0.1)
    ab[:, :, 6:16, 12:22] = 0.5
    return Pictures("things", True, photos.packed(light, ab), torch.tensor([[3, 1, 0]]).repeat(n, 1), photos.FACTORS)


class Told:
    """Answers each grey picture with the same fields, and with their mean."""

    def __init__(self, fields: Tensor):
        self.fields = fields

    def grey(self, y: Tensor) -> SimpleNamespace:
        return SimpleNamespace(mean=self.fields.mean(0, keepdim=True))

    def answers(self, y: Tensor, n: int, seed: int) -> Answers:
        return Answers(self.fields)


EIGHT = torch.linspace(-0.35, 0.35, 8)  # of mean 0


def on_ground(shift: Tensor) -> Tensor:
    return 0.1 + shift.expand(8, 2, 32, 32)


def in_the_square(values: Tensor) -> Tensor:
    shift = torch.zeros(8, 2, 32, 32)
    shift[:, :, 6:16, 12:22] = values.view(8, 1, 1, 1)
    return shift


def test_eight_that_differ_by_a_tint_alone_have_a_tint_share_of_one() -> None:
    found = measures.best_of_8(Told(on_ground(EIGHT.view(8, 1, 1, 1))), things())  # type: ignore[arg-type]
    assert found["tint_share"] == pytest.approx(1, abs=1e-5)
    assert found["object_variance"] == pytest.approx(0, abs=1e-7)
    assert found["colors128/tint_share"] == found["tint_share"]


def test_a_thing_alone_has_the_tint_share_of_its_area_and_two_opposite_ones_none() -> None:
    found = measures.best_of_8(Told(on_ground(in_the_square(EIGHT))), things())  # type: ignore[arg-type]
    share = 100 / 1024
    assert found["tint_share"] == pytest.approx(share, rel=1e-3)
    assert found["object_variance"] == pytest.approx((1 - share) * share * float(EIGHT.var(correction=0)), rel=1e-3)
    opposite = in_the_square(EIGHT)
    opposite[:, :, 20:30, 12:22] = -EIGHT.view(8, 1, 1, 1)
    found = measures.best_of_8(Told(on_ground(opposite)), things())  # type: ignore[arg-type]
    assert found["tint_share"] == pytest.approx(0, abs=1e-6)


def test_what_differs_inside_the_main_thing_counts_over_what_does_outside() -> None:
    share, corners = 100 / 1024, 4  # corners have too few neighbours to count to the thing
    here, there = (1 - share) ** 2, share**2  # a square that changes moves the mean, too: that is taken out
    outside = ((924 * there) + corners * here) / 928
    found = measures.inside_outside(Told(on_ground(in_the_square(EIGHT))), things())  # type: ignore[arg-type]
    assert found["colors128/inside_outside"] == pytest.approx(here / outside, rel=1e-3)
    tinted = measures.inside_outside(Told(on_ground(EIGHT.view(8, 1, 1, 1))), things())  # type: ignore[arg-type]
    assert tinted["colors128/inside_outside"] == pytest.approx(0, abs=0.01)  # rounding over nothing
    noise = measures.inside_outside(Told(on_ground(0.1 * torch.randn(8, 2, 32, 32))), things())  # type: ignore[arg-type]
    assert noise["colors128/inside_outside"] == pytest.approx(1, abs=0.2)


def test_only_pictures_of_free_color_count_inside_and_outside() -> None:
    pictures = things()
    pictures.y[:, 1] = torch.tensor([0, -1, 0])
    assert measures.inside_outside(Told(on_ground(in_the_square(EIGHT))), pictures) == {}  # type: ignore[arg-type]


def test_the_main_thing_is_what_the_mean_missed_and_no_tint() -> None:
    residual = torch.full((2, 32, 32), 0.2)
    residual[:, 6:16, 12:22] += 0.4
    residual[:, 25:28, 2:5] += 0.4  # something smaller
    thing = measures.main_thing(residual)
    assert thing is not None
    square = torch.zeros(32, 32, dtype=torch.bool)
    square[6:16, 12:22] = True
    for row, column in ((6, 12), (6, 21), (15, 12), (15, 21)):
        square[row, column] = False  # a corner has too few neighbours
    assert torch.equal(thing, square)
    scattered = torch.zeros(2, 32, 32)
    scattered[:, ::4, ::4] = 1
    assert measures.main_thing(scattered) is None


def test_the_truth_has_no_error_and_its_own_chroma() -> None:
    found = answered(lambda ab: ab.expand(8, -1, -1, -1))
    assert found["error_of_best_8"] < 1e-6
    assert found["variance_8"] < 1e-9
    assert found["chroma_ratio"] == pytest.approx(1)
    assert {key.split("/")[0] for key in found if "/" in key} == {"scenes", "faces"}


def test_the_best_of_eight_counts_and_is_not_picked_cell_by_cell() -> None:
    def change(ab: Tensor) -> Tensor:
        shift = torch.zeros(8, 2, 32, 32)
        shift[:, 0] = torch.linspace(0.1, 0.8, 8)[:, None, None]
        shift[3, 1, :16] = 0.9  # perfect below, far off above
        shift[3, 0] = 0
        return ab + shift

    found = answered(change)
    assert found["error_of_best_8"] == pytest.approx(0.1, abs=1e-5)
    of_mean = (math.hypot(0.4, 0.9 / 8) + 0.4) / 2  # a is off by 3.2 / 8; above, b is too
    assert found["error_of_mean"] == pytest.approx(of_mean, abs=1e-5)
    across, along = torch.tensor([0.1, 0.2, 0.3, 0, 0.5, 0.6, 0.7, 0.8]), torch.tensor([0.9] + 7 * [0.0])
    by_hand = (across.var(correction=0) + along.var(correction=0) / 2) / 2
    assert found["variance_8"] == pytest.approx(float(by_hand), rel=1e-4)


class Tinted(Known):
    """Is off by a tint, unless tints are asked for."""

    def answers(self, y: Tensor, n: int, seed: int, tints: bool = False) -> Answers:
        fields = super().answers(y, n, seed).fields
        return Answers(fields if tints else fields + 0.3)


def test_the_best_with_tints_is_found_among_answers_with_tints() -> None:
    pictures = squares()
    found = measures.with_tints(Tinted(pictures, lambda ab: ab.expand(8, -1, -1, -1)), pictures)  # type: ignore[arg-type]
    assert found["error_of_best_8_tints_too"] < 1e-6
    assert found["scenes/error_of_best_8_tints_too"] < 1e-6


def test_distances_are_euclidean_in_parts_of_128() -> None:
    found = answered(lambda ab: (ab + torch.tensor([0.3, 0.4]).view(2, 1, 1)).expand(8, -1, -1, -1))
    assert found["error_of_best_8"] == pytest.approx(0.5, abs=1e-5)
    assert found["scenes/error_of_best_8"] == pytest.approx(0.5, abs=1e-5)


def test_grey_answers_have_no_chroma() -> None:
    assert answered(lambda ab: torch.zeros(8, 2, 32, 32))["chroma_ratio"] == 0


def off_edge(change) -> float:
    pictures = squares()
    return measures.edge_alignment(Known(pictures, change), pictures)["off_edge_ratio"]  # type: ignore[arg-type]


def test_bleeding_colors_have_edges_where_lightness_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "LINES", 0.98)
    right = off_edge(lambda ab: ab.expand(8, -1, -1, -1))
    wrong = off_edge(lambda ab: (3 * ab).roll((11, 11), (1, 2)).expand(8, -1, -1, -1))
    assert right <= 1.05
    assert wrong > 5 * max(right, 0.1)


class Foretold(Colorization):
    """Draws the truth itself in one of eight answers, and something else in the others."""

    def __init__(self, pictures: Pictures, heavy: int):
        super().__init__(**TINY)  # type: ignore[arg-type]
        self.heavy = heavy
        x = pictures.floats(slice(None))
        self.known = list(zip(condition_of(x), field_of(x)))

    def draws(self, y: Tensor, n: int, seed: int, half: bool = False) -> Draws:
        true = next(ab for grey, ab in self.known if torch.equal(grey, y))
        answer = torch.arange(n) % 9 % 8  # the first is drawn twice as often: the heaviest
        shift = torch.linspace(0, 0.7, 8)[(answer - self.heavy) % 8]
        return Draws(answer, true + shift[:, None, None, None])


def test_a_hint_that_finds_the_truth_is_counted_as_gain() -> None:
    pictures = squares()
    found = measures.hint_gain(Foretold(pictures, heavy=3), pictures)
    assert found["hint_gain_share"] == 1
    assert found["hint_gain"] > 0.9


def test_a_hint_that_tells_nothing_new_is_no_gain() -> None:
    pictures = squares()
    assert measures.hint_gain(Foretold(pictures, heavy=0), pictures)["hint_gain_share"] == 0


def test_weighted_error_weighs_rare_colors_more(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    net = ImageTower(photos.SEEN).eval()
    for module in (image_tower, color_vae):
        monkeypatch.setattr(module, "shared", lambda: net)
    pictures = squares(24)
    model = Foretold(pictures, heavy=0)
    model.begin(pictures, {})
    model.requires_grad_(False)
    x = pictures.floats(slice(None))

    def true(y: Tensor) -> Tensor:
        return torch.stack([next(ab for grey, ab in model.known if torch.equal(grey, told)) for told in y])

    def missing(part: slice):
        def decode(z: Tensor, y: Tensor) -> Tensor:
            painted = true(y)
            square = painted[:, 0] < 0
            return painted + 0.1 * (square if part == slice(0, 1) else ~square)[:, None]

        return decode

    found = []
    for part in (slice(0, 1), slice(1, 2)):
        monkeypatch.setattr(model, "decode", missing(part))
        found.append(measures.reconstruction(model, pictures)["weighted_error"])
    monkeypatch.setattr(model, "decode", lambda z, y: 0.5 * true(y))
    paler = measures.reconstruction(model, pictures)
    assert paler["kept_chroma"] == pytest.approx(0.5, rel=1e-4)
    layouts = (0.5 * field_of(x).flatten(1) @ model.components.T).square().sum(1)
    assert paler["scenes/layout_error"] == pytest.approx(float(layouts[pictures.y[:, 0] == 0].mean()), rel=1e-3)
    share = (field_of(x)[:, 0] < 0).float().mean()
    assert found[0] / share > 2 * found[1] / (1 - share)


def test_sets_stand_apart_and_their_mean_is_theirs() -> None:
    def change(ab: Tensor) -> Tensor:
        return (ab + (0.1 if ab[0, 8, 8] > 0 else 0.2)).expand(8, -1, -1, -1)

    found = answered(change)
    sets = [found[f"{name}/error_of_best_8"] for name in ("scenes", "faces")]
    assert sets[0] != pytest.approx(sets[1])
    assert found["error_of_best_8"] == pytest.approx(sum(sets) / 2)
    assert "tinyimagenet/error_of_best_8" not in found
    assert photos.SETS[1] == "tinyimagenet"


def test_gradients_are_lengths() -> None:
    ramp = torch.arange(8.0).view(1, 1, 1, 8).expand(1, 2, 8, 8)
    assert torch.allclose(measures._gradient(ramp), torch.full((1, 7, 7), 2.0).sqrt())
    assert cielab.SIDE == 32
