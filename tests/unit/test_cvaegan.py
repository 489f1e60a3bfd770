"""The conditional VAE/GAN of faces: who learns what, and how y is told. Towers are small and random: no package."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from small_models import few
from torch import Tensor, nn
from torch.nn import functional as F

from vaedemo import data, training
from vaedemo.data import Pictures
from vaedemo.data.face_set import ATTRIBUTES
from vaedemo.data.synthetic import cartoons
from vaedemo.evaluation import frechet, measures_of
from vaedemo.models import build, cvaegan, shipped
from vaedemo.models.base import Batch
from vaedemo.models.critic import Critic, Discriminator, Look
from vaedemo.models.cvae import AttributeCVAE
from vaedemo.models.cvaegan import CVAEGAN
from vaedemo.models.folding import fold_batchnorm
from vaedemo.models.tower import Tower
from vaedemo.models.vaegan import COLOR
from vaedemo.recipes import RECIPES, Recipe
from vaedemo.release.browser_export import describe

torch.set_num_threads(1)
TOLD = ["Smiling", "Eyeglasses", "Wearing_Hat"]
BEFORE: dict[str, Any] = {"hidden": 16, "base": [8, 4, 4], "convs": [], "ups": [8], "shuffle": 4}
ENCODED = {"z": 4, "shape": [3, 32, 32], "shuffle": 4, "widths": [6, 8], "blocks": 0, "head": 16, "attributes": TOLD}
SMALL = Recipe(
    *("small", "Small", "attributecvae", "faces"),
    net={**ENCODED, "hidden": 16, "base": [8, 4, 4], "convs": [], "ups": [8], "likelihood": "gaussian"},
)
TINY = Recipe(
    *("tiny-sharp", "Tiny", "cvaegan", "faces"),
    net={
        **ENCODED,
        **{"smooth": "small", "before": BEFORE, "looked": 32, "tutor": [6, 8], "likelihood": "gaussian"},
        **{"hidden": 0, "base": [8, 4, 4], "convs": [], "ups": [8, 6, 4], "last": 1},
    },
    objective={"gamma": 3.0, "pixels": 5.0, "held": 7.0, "woven": 2.0, "told": 2.0, "alone": 0, "warmup": 3},
    batch=8,
    lr=3e-3,
    requires=("small",),
)


@pytest.fixture(autouse=True)
def random_tower(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tower, "fill", lambda self: None)


def some_faces(count: int = 64) -> Pictures:
    shown = cartoons.chances(count, 0)
    y = torch.full((count, len(ATTRIBUTES)), -1)
    for name in TOLD:
        y[:, ATTRIBUTES.index(name)] = 2 * torch.from_numpy(shown[name]).long() - 1
    x = torch.from_numpy(cartoons.portraits(shown, 0))[:, :3, ::2, ::2]
    return Pictures("a few cartoons", True, x.contiguous(), y)


def a_batch(step: int = 0) -> Batch:
    pictures = some_faces(8)
    return Batch(pictures.floats(slice(None)), pictures.y, step)


@pytest.fixture
def smooth() -> AttributeCVAE:
    torch.manual_seed(3)
    cvae = build(SMALL, folded=True)
    assert isinstance(cvae, AttributeCVAE)
    with torch.no_grad():
        for weight in cvae.decoder.parameters():
            weight *= 2.5  # torch's usual start fades from layer to layer: all z would give one grey
    return cvae


@pytest.fixture
def sharp(smooth: AttributeCVAE) -> CVAEGAN:
    torch.manual_seed(0)
    model = build(TINY).train()
    assert isinstance(model, CVAEGAN)
    model.begin(some_faces(), {"small": smooth})
    return model


# --- the discriminators, told y --------------------------------------------------------------------------------------


def test_who_is_not_told_y_has_the_tensors_that_checkpoints_have() -> None:
    keys = {key.split(".")[0] for key in Discriminator(4, (6,)).state_dict()}
    assert keys == {"body", "real"}
    assert {key.split(".")[0] for key in Discriminator(4, (6,), told=3).state_dict()} == {"body", "real", "embed"}


@pytest.mark.parametrize("widths", [(6,), ()])
def test_y_reaches_the_logit_as_a_projection(widths: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    judge = Discriminator(4, widths, told=3).eval()
    h, y = torch.randn(5, 4, 8, 8), torch.tensor([[1.0, -1, 1]]).expand(5, -1)
    features, none = judge.body(h), judge(h, False, torch.zeros(5, 3))
    assert isinstance(judge.embed, nn.Linear)
    wanted = torch.einsum("bchw,ca,ba->bhw", features, judge.embed.weight, y / 3**0.5)[:, None]
    assert wanted.abs().min() > 0
    torch.testing.assert_close(judge(h, False, y) - none, wanted, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(none, judge.real(features))
    with pytest.raises(ValueError, match="wants that of each picture"):
        judge(h, False)


def test_discriminators_learn_which_description_a_picture_has() -> None:
    """Two kinds of features, two descriptions: afterwards the right one has the higher logit."""
    torch.manual_seed(0)
    judge = Discriminator(4, (6,), told=2).train()
    y = torch.tensor([[1.0, -1], [-1, 1]]).repeat(8, 1)
    h = torch.randn(16, 4, 8, 8) + y[:, :1, None, None]
    optimizer = torch.optim.Adam(judge.parameters(), 1e-2)
    for _ in range(60):
        loss = F.relu(1 - judge(h, True, y)).mean() + F.relu(1 + judge(h, False, y.flip(1))).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        assert (judge(h, True, y).mean((1, 2, 3)) > judge(h, True, y.flip(1)).mean((1, 2, 3))).float().mean() > 0.9


# --- who learns what -------------------------------------------------------------------------------------------------


def test_each_players_step_changes_its_own_parameters_alone(sharp: CVAEGAN) -> None:
    mine = {"discriminators": "critic", "tutor": "tutor", "decoder": "decoder"}
    batch = a_batch()
    for name, player in sharp.players().items():
        sharp.zero_grad(set_to_none=True)
        sharp(name, batch)["total"].backward()
        assert {key.split(".")[0] for key, p in sharp.named_parameters() if p.grad is not None} == {mine[name]}
        assert all(parameter.grad is not None for parameter in player.parameters), name


def test_it_begins_with_the_cvaes_encoder_and_holds_its_decoder(sharp: CVAEGAN, smooth: AttributeCVAE) -> None:
    z, y = torch.randn(2, 4), torch.tensor([[1.0, -1, 1], [-1, 1, 1]])
    x = torch.rand(2, 3, 32, 32)
    torch.testing.assert_close(sharp.encode(x, y).mean, smooth.encode(x, y).mean)
    torch.testing.assert_close(sharp.before(torch.cat([z, y], 1)), smooth.decode(z, y))
    assert set(sharp.people.unique().tolist()) == {-1, 1}


def test_samples_have_the_descriptions_of_other_people(sharp: CVAEGAN) -> None:
    batch = a_batch()
    scene, y = sharp._draw(batch), sharp.condition(batch.y)
    assert torch.equal(scene.asked[:8], y)
    assert torch.equal(scene.asked[8:], torch.cat([y[-1:], y[:-1]]))
    assert not torch.equal(scene.asked[8:], y)


def test_one_pass_of_features_serves_all_players(sharp: CVAEGAN, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, looked, batch = [], Critic.features, a_batch()
    monkeypatch.setattr(Critic, "features", lambda self, x: calls.append(len(x)) or looked(self, x))
    for name in sharp.players():
        sharp(name, batch)
    assert calls == [8, 8, 8]  # photos, reconstructions, samples
    sharp("discriminators", a_batch(1))
    assert len(calls) == 6


def test_what_discriminators_and_decoder_minimize(sharp: CVAEGAN, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against the same objectives written down at length, each picture judged with its own description."""
    monkeypatch.setattr(cvaegan, "JITTER", 0)
    batch = a_batch(1)  # the tutor's word counts for half: (1 + 1) / (3 + 1)
    sharp.critic.judges.eval()  # power iteration and BatchNorm would move on between the two
    torch.manual_seed(5)
    caught, terms = sharp("discriminators", batch), sharp("decoder", batch)
    torch.manual_seed(5)
    x, y = batch.x, sharp.condition(batch.y)
    with torch.no_grad():
        z = sharp.encode(x, y).rsample()
        z, asked = torch.cat([z, torch.randn_like(z)]), torch.cat([y, y.roll(1, 0)])
    drawn = sharp.decode(z, asked).sigmoid()
    look, other = Look.draw(8, x.device, COLOR), Look.draw(8, x.device, COLOR)
    photos, rebuilt, sampled = (sharp.critic.features(p) for p in (look(x), look(drawn[:8]), other(drawn[8:])))
    of_photos, of_rebuilt, of_sampled = (
        [judge(h, False, told) for judge, h in zip(sharp.critic.judges, features)]
        for features, told in ((photos, y), (rebuilt, y), (sampled, asked[8:]))
    )
    alike = sum((1 - logits).clamp(min=0).mean() for logits in of_photos)
    unlike = sum((1 + torch.cat(pair)).clamp(min=0).mean() for pair in zip(of_rebuilt, of_sampled))
    torch.testing.assert_close(caught["total"], alike + unlike)
    fooled = -sum(torch.cat(pair).mean() for pair in zip(of_rebuilt, of_sampled))
    error = (drawn[:8] - x).square().mean()
    blocks = (drawn - sharp.before(torch.cat([z, asked], 1)).sigmoid()).unfold(2, 4, 4).unfold(3, 4, 4).mean((-1, -2))
    read = sharp.tutor(drawn).sigmoid()
    unread = -torch.where(asked > 0, read, 1 - read).log().mean()
    away = sharp.critic.away(rebuilt, photos)
    kept = 3 * away + 5 * error + 7 * blocks.square().mean() + 2 * sharp.weave(drawn)
    wanted = fooled + kept + 0.5 * 2 * unread
    torch.testing.assert_close(terms["total"], wanted)
    weights = list(sharp.decoder.parameters())
    for slope, expected in zip(*(torch.autograd.grad(t, weights) for t in (terms["total"], wanted)), strict=True):
        torch.testing.assert_close(slope, expected, rtol=1e-3, atol=1e-5)


def test_the_tutor_learns_from_photographs_alone(sharp: CVAEGAN, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cvaegan, "JITTER", 0)
    batch = a_batch()
    read = sharp.tutor(batch.x).sigmoid()
    right = torch.where(sharp.condition(batch.y) > 0, read, 1 - read)
    torch.testing.assert_close(sharp("tutor", batch)["total"], -right.log().mean())


# --- a training ------------------------------------------------------------------------------------------------------


def trained(smooth: AttributeCVAE, steps: int, held: float = 7.0, **options: Any) -> training.Run:
    given: Any = {"pictures": some_faces(), "pretrained": {"small": smooth}, "device": "cpu", "bf16": False}
    recipe = replace(TINY, objective={**TINY.objective, "held": held})
    return training.fit(recipe, steps=steps, **given, **options)


def test_a_training_moves_what_is_to_learn_and_nothing_else(
    sharp: CVAEGAN, smooth: AttributeCVAE, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where little else counts, pictures come nearer to the CVAE's; and the tutor learns."""
    monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path))
    run = trained(smooth, 40, held=1_000.0)
    after = run.model
    assert isinstance(after, CVAEGAN)
    for part in ("encoder", "posterior", "before"):
        for name, value in getattr(after, part).state_dict().items():
            assert torch.equal(value, getattr(sharp, part).state_dict()[name]), f"{part}.{name}"
    assert not torch.equal(after.decoder[0].weight, sharp.decoder[0].weight)  # type: ignore[arg-type]
    state = torch.load(run.folder / "checkpoint.pt", weights_only=True)["model"]
    assert all(torch.isfinite(value).all() for value in state.values())
    batch = a_batch(1)
    sharp.settle()
    with torch.no_grad():
        before, now = (one("tutor", batch) | one._decoder(one._draw(batch)) for one in (sharp.eval(), after))
    for term in ("misread", "strayed"):
        assert float(now[term]) < 0.9 * float(before[term]), term


def test_alone_the_decoder_learns_the_cvaes_pictures_and_no_critic_looks(
    sharp: CVAEGAN, smooth: AttributeCVAE, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path))
    monkeypatch.setattr(Critic, "features", lambda *_: pytest.fail("a critic looked"))
    given: Any = {"pictures": some_faces(), "pretrained": {"small": smooth}, "device": "cpu", "bf16": False}
    run = training.fit(replace(TINY, objective={**TINY.objective, "alone": 40}), steps=40, **given)
    assert isinstance(run.model, CVAEGAN)
    z, y = torch.randn(64, 4), sharp.people[:64]
    sharp.settle()
    with torch.no_grad():
        wanted = smooth.render(smooth.decode(z, y))
        first, last = (
            (model.render(model.decode(z, y)) - wanted).square().mean() for model in (sharp.eval(), run.model)
        )
    assert last < 0.5 * first
    kept = torch.load(run.folder / "checkpoint.pt", weights_only=True)["model"]
    for name, value in sharp.critic.judges.named_parameters():
        assert torch.equal(kept[f"critic.judges.{name}"], value), name


def test_a_stopped_and_resumed_run_is_the_one_that_never_stopped(
    smooth: AttributeCVAE, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = []
    for name, stops in (("whole", []), ("halved", [2])):
        monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path / name))
        for at in stops:
            count = iter(range(1, 99))
            trained(smooth, 4, stop=lambda: next(count) >= at)  # noqa: B023
        states.append(torch.load(trained(smooth, 4).folder / "checkpoint.pt", weights_only=True)["averages"])
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


# --- what ships, and what is measured --------------------------------------------------------------------------------


def test_what_ships_is_the_gans_decoder_told_y_which_the_browser_runs() -> None:
    model = build(RECIPES["faces-sharp"], folded=True)
    assert isinstance(model, CVAEGAN)
    parts = {key.split(".")[0] for key in model.state_dict()}
    assert parts == {"encoder", "posterior", "decoder", "noise"}
    ops, others = describe(model.decoder), describe(build(RECIPES["faces-gan"], folded=True).decoder)
    assert ops == others
    assert sum(op.get("shuffle", 1) > 1 for op in ops) == 0  # no PixelShuffle: it wove a grid
    assert model.decoder[0].in_features == 64 + 18
    assert model.sample(2, y=model.asked({}).expand(2, -1)).shape == (2, 3, 64, 64)


def test_the_latent_space_is_that_of_faces_cvae() -> None:
    cvae = build(RECIPES["faces-cvae"], folded=True)
    torch.manual_seed(0)
    model = build(RECIPES["faces-sharp"])
    assert isinstance(model, CVAEGAN)
    assert isinstance(cvae, AttributeCVAE)
    pictures = few("faces")
    model.begin(replace(pictures, x=pictures.x[:8]), {"faces-cvae": cvae})
    x, y = pictures.floats(slice(0, 2)), model.condition(pictures.y[:2])
    assert torch.equal(model.eval().encode(x, y).mean, cvae.encode(x, y).mean)


def test_what_ships_has_the_latent_space_of_its_cvae() -> None:
    """The page decodes one z by both: to a CVAE that was trained anew belongs a decoder that is taught anew."""
    smooth, sharp = (
        load_file(Path(__file__).parents[2] / "weights" / name / "model.safetensors")
        for name in ("faces-cvae", "faces-sharp")
    )
    shared = [name for name in smooth if name.startswith(("encoder", "posterior"))]
    assert shared
    for name in shared:
        assert torch.equal(smooth[name], sharp[name]), name


def test_shipped_weights_draw_what_the_run_drew(sharp: CVAEGAN) -> None:
    sharp.settle()
    z, y = torch.randn(2, 4), torch.tensor([[1.0, -1, 1], [-1, 0.5, 0]])
    before = sharp.eval().decode(z, y)
    model = shipped(copy.deepcopy(sharp))
    assert isinstance(model, CVAEGAN)
    torch.testing.assert_close(model.decode(z, y), before, atol=1e-5, rtol=1e-4)


def test_settled_statistics_are_those_of_the_descriptions(sharp: CVAEGAN) -> None:
    with torch.no_grad():
        sharp.people.copy_(torch.tensor([1.0, 1, -1]).expand_as(sharp.people))
        sharp.decoder[0].weight.mul_(3)  # type: ignore[operator]
    sharp.settle()
    h = sharp.decoder[:2](torch.cat([torch.randn(4_000, 4), sharp.people[:1].expand(4_000, -1)], 1))
    norm = sharp.decoder[2]
    assert isinstance(norm, nn.BatchNorm2d)
    torch.testing.assert_close(norm.running_mean, h.mean((0, 2, 3)), atol=0.1, rtol=0.1)
    torch.testing.assert_close(norm.running_var, h.var((0, 2, 3)), atol=0.1, rtol=0.1)


def test_measured_samples_have_the_descriptions_of_the_photographs(
    sharp: CVAEGAN, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, seen, asked = some_faces(20), some_faces(64), []
    monkeypatch.setattr(data, "load", lambda *_, **__: replace(seen, y=-seen.y))
    monkeypatch.setattr(frechet, "COUNT", 50)
    monkeypatch.setattr(frechet, "PIECE", 16)
    decode = sharp.eval().decode
    monkeypatch.setattr(sharp, "decode", lambda z, y: asked.append(y) or decode(z, y))
    assert frechet.drawn(sharp, own).shape == (50, 3, 32, 32)
    wanted: Tensor = torch.cat([own.y, -seen.y[:30]])
    assert torch.equal(torch.cat(asked), sharp.condition(wanted))


def test_it_is_measured_as_faces_and_as_what_is_asked_for() -> None:
    units = {key for one in measures_of(RECIPES["faces-sharp"]) for key in one.units}
    keys = {"fd", "fd_reader", "sharpness", "spread", "weave", "balanced_agreement_share", "leak"}
    assert keys | {"monotonic_share_least", "pixel_mse"} <= units


def test_folding_leaves_the_cvaes_decoder_as_it_is(smooth: AttributeCVAE) -> None:
    assert smooth.decoder.state_dict().keys() == fold_batchnorm(build(TINY)).before.state_dict().keys()  # type: ignore[union-attr]
