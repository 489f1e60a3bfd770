"""evaluation/attributes.py on models made by hand: one that obeys, one that is deaf, one that mixes two up."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score, jaccard_score
from torch import Tensor, nn

from vaedemo import data
from vaedemo.data import Pictures
from vaedemo.data.faces import ATTRIBUTES
from vaedemo.evaluation import attributes
from vaedemo.models.attribute2image import DisCVAE
from vaedemo.models.cvae import AttributeCVAE
from vaedemo.models.reader import Reader

torch.set_num_threads(1)
TOLD = ("Smiling", "Eyeglasses", "Wearing_Hat")
COLUMNS = [ATTRIBUTES.index(name) for name in TOLD]
FACES = 400


class Lines(AttributeCVAE):
    """Draws y as grey levels, one a line of pixels: -1 black, 1 white. `mixed` (3, 3) says which y each line shows."""

    def __init__(self, mixed: Tensor) -> None:
        nn.Module.__init__(self)
        self.z, self.y, self.shape = 2, 3, (3, 64, 64)
        self.attributes, self.columns, self.mixed = TOLD, COLUMNS, mixed
        self.weight = nn.Parameter(torch.zeros(1))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        assert y is not None
        x = torch.zeros(len(z), 3, 64, 64)
        x[:, :, :3] = ((y @ self.mixed.T + 1) / 2).clamp(0, 1)[:, None, :, None]
        return x

    def render(self, decoded: Tensor) -> Tensor:
        return decoded


class LineReader(Reader):
    """Reads those lines without error: its expected value is what is drawn, but never quite 1."""

    def __init__(self) -> None:
        nn.Module.__init__(self)

    def read(self, x: Tensor) -> Tensor:
        scores = torch.zeros(len(x), len(ATTRIBUTES))
        scores[:, COLUMNS] = 2 * torch.atanh((2 * x[:, 0, :3, 0] - 1).clamp(-0.999, 0.999))
        return scores


PEERS = {"faces-reader": LineReader()}  # and no plain VAE


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> Pictures:
    """Faces with independent attributes, drawn by who obeys; every split is the same."""
    y = torch.randint(0, 2, (FACES, len(ATTRIBUTES)), generator=torch.Generator().manual_seed(0)) * 2 - 1
    obeying = Lines(torch.eye(3))
    x = obeying.decode(torch.zeros(FACES, 2), obeying.condition(y))
    pictures = Pictures("lines", True, (255 * x).to(torch.uint8), y, ATTRIBUTES)
    monkeypatch.setattr(data, "load", lambda *_, **__: pictures)
    return pictures


def test_who_obeys_agrees_with_what_was_asked(people: Pictures) -> None:
    answer = attributes.attribute_agreement(Lines(torch.eye(3)), people, PEERS)
    assert answer["balanced_agreement"] == answer["balanced_agreement_real"] == answer["balanced_agreement_share"] == 1
    assert answer["attribute_cosine"] == pytest.approx(1)
    # Of a face picked for one value the other two agree by chance: their mean product is 0, the one's is 1.
    assert answer["attribute_cosine_baseline"] == pytest.approx(1 / 3, abs=0.12)
    assert "attribute_cosine_vae" not in answer


def test_who_is_deaf_agrees_by_chance(people: Pictures) -> None:
    answer = attributes.attribute_agreement(Lines(torch.zeros(3, 3)), people, PEERS)
    assert answer["balanced_agreement"] == pytest.approx(0.5)


def test_what_moves_alone_leaks_nothing(people: Pictures) -> None:
    answer = attributes.attribute_leakage(Lines(torch.eye(3)), people, PEERS)
    assert answer["monotonic_share"] == answer["monotonic_share_least"] == 1
    assert answer["leak"] == pytest.approx(0, abs=0.1)  # what goes together by chance in 400 faces is taken off


def test_a_mix_up_is_seen_and_is_counted_by_hand(people: Pictures) -> None:
    """The second line shows y1 + y0 / 2, all halved so that nothing is clipped: y0 moves it half as far as line 0."""
    mixed = torch.tensor([[0.5, 0, 0], [0.25, 0.5, 0], [0, 0, 0.5]])
    answer = attributes.attribute_leakage(Lines(mixed), people, PEERS)
    # Of three attributes one drags one of its two others along by half: (0.5 + 0) / 2, 0, 0.
    assert answer["leak"] == pytest.approx(0.25 / 3, abs=0.05)
    assert answer["monotonic_share"] == 1


def test_a_slider_that_turns_back_is_not_monotonic(people: Pictures) -> None:
    class Folded(Lines):
        def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
            assert y is not None
            told = y.clone()
            told[:, 0] = 1 - 2 * y[:, 0].abs()
            return super().decode(z, told)

    answer = attributes.attribute_leakage(Folded(torch.eye(3)), people, PEERS)
    assert answer["monotonic_share_least"] == 0
    assert answer["monotonic_share"] == pytest.approx(2 / 3)


def test_balanced_accuracies_are_scikit_learns() -> None:
    dice = np.random.default_rng(0)
    y, scores = np.where(dice.random((300, 5)) < 0.15, 1, -1), dice.normal(size=(300, 5))
    y[:, 4] = -1  # nobody has it: nothing to balance
    ours = attributes.balanced_accuracies(torch.from_numpy(scores), torch.from_numpy(y))
    theirs = [balanced_accuracy_score(y[:, k], np.where(scores[:, k] > 0, 1, -1)) for k in range(4)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_attribute_vectors_are_differences_of_means() -> None:
    codes, y = torch.randn(50, 4), torch.where(torch.rand(50, 2) < 0.4, 1.0, -1.0)
    ours = attributes.attribute_vectors(codes, y)
    for a in range(2):
        torch.testing.assert_close(ours[a], codes[y[:, a] > 0].mean(0) - codes[y[:, a] < 0].mean(0))


def test_iou_is_scikit_learns() -> None:
    net = {"widths": [4, 4], "blocks": 0, "hidden": 8, "base": [4, 4, 4], "convs": [], "ups": [4, 4, 4]}
    model = DisCVAE(z=6, behind=2, far=[4, 4, 4, 4], attributes=TOLD, shape=(3, 64, 64), likelihood="gaussian", **net)
    torch.manual_seed(0)
    x = torch.randint(0, 256, (9, 4, 64, 64), dtype=torch.uint8)
    x[:, 3] = torch.where(torch.rand(9, 64, 64) < 0.7, 255, 0)
    y = torch.randint(0, 2, (9, len(ATTRIBUTES))) * 2 - 1
    pictures = Pictures("noise", True, x, y, ATTRIBUTES)
    with torch.inference_mode():
        ours = attributes.layer_iou(model.eval(), pictures)
        told = model.condition(y)
        decoded = model.decode(model.encode(pictures.floats(slice(None)), told).mean, told)
    gate, mask = (model.layers(decoded).gate[:, 0] > 0.5).flatten(), (x[:, 3] > 127).flatten()
    assert ours["gate_iou"] == pytest.approx(jaccard_score(mask, gate))
    assert ours["background_iou"] == pytest.approx(jaccard_score(~mask, ~gate))


def test_the_reader_takes_out_how_common_an_attribute_is() -> None:
    """Two kinds of pictures that tell an attribute with odds of 4: read as 4, although one face in ten has it."""
    reader = Reader(widths=[4], blocks=0, shape=(3, 8, 8))
    reader.shares.fill_(0.1)
    with torch.no_grad():
        for parameter in reader.net.parameters():
            parameter.zero_()
        last = [layer for layer in reader.net if isinstance(layer, nn.Linear)][-1]
        last.bias.fill_(math.log(4 * 0.1 / 0.9))  # log odds of the attribute, as it comes
    reader.eval()
    assert torch.allclose(reader.read(torch.rand(2, 3, 8, 8)), torch.tensor(math.log(4.0)), atol=1e-5)
