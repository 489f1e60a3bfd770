"""The critic of drawn faces: whom it learns from, what it says of a picture, its two errors, and what measures it."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from small_training import after, same

from vaedemo import data
from vaedemo.data import Pictures
from vaedemo.data.synthetic import cartoons
from vaedemo.evaluation import face_critic as measures
from vaedemo.evaluation import measures_of
from vaedemo.models import assemble, build, build_net, face_critic
from vaedemo.models.base import Batch, LatentModel, Trainable
from vaedemo.models.face_critic import FaceCritic, apart
from vaedemo.recipes import NETS, RECIPES, Recipe
from vaedemo.release import export
from vaedemo.training import Run, fit, restore
from vaedemo.vision.picture_errors import blurred, brightened, errors, looks, shifted

torch.set_num_threads(1)
CHAIN = {"z": 4, "shape": [3, 32, 32], "hidden": 0, "base": [8, 4, 4], "convs": [], "ups": [8, 6, 4], "last": 1}
ENCODED = {"shuffle": 2, "widths": [6, 8], "blocks": 0, "likelihood": "gaussian"}
DRAWERS = {
    "tiny-vae": Recipe("tiny-vae", "T", "vae", "faces", {**CHAIN, **ENCODED}),
    "tiny-gan": Recipe(
        "tiny-gan", "T", "gan", "faces", {"looked": 32, "begun_as": "tiny-vae", **CHAIN}, objective={"woven": 2.0}
    ),
}
TINY = Recipe(
    *("tiny-critic", "T", "facecritic", "faces"),
    net={"widths": [8, 12], "drawn_by": list(DRAWERS), "shape": [3, 32, 32]},
    objective={"smoothing": 0.1},
    batch=16,
    steps=60,
    lr=4e-3,
    requires=tuple(DRAWERS),
)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    torch.manual_seed(0)
    monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path))
    for name, recipe in DRAWERS.items():
        monkeypatch.setitem(RECIPES, name, recipe)


def some_faces(count: int = 64) -> Pictures:
    x = torch.from_numpy(cartoons.portraits(cartoons.chances(count, 0), 0))[:, :3, ::2, ::2]
    return Pictures("a few cartoons", True, x.contiguous(), torch.ones(count, 40, dtype=torch.int64))


def drawers() -> dict[str, Trainable]:
    return {name: build(recipe, folded=True) for name, recipe in DRAWERS.items()}


def a_critic(recipe: Recipe = TINY) -> FaceCritic:
    critic = build_net(recipe)
    assert isinstance(critic, FaceCritic)
    return critic


def settled(nets: dict[str, Trainable] | None = None) -> FaceCritic:
    """A critic of random weights that has seen a few faces, in eval mode."""
    critic = a_critic()
    critic.begin(some_faces(300), nets or drawers())
    critic.settle()
    return critic.eval()


# --- the net ---------------------------------------------------------------------------------------------------------


def test_the_score_is_the_mean_of_places_and_of_one_picture_alone() -> None:
    critic, x = settled(), torch.rand(5, 3, 32, 32)
    verdict = critic.judge(x)
    assert (verdict.logit.shape, verdict.places.shape, verdict.hidden.shape) == ((5,), (5, 8, 8), (5, 12, 8, 8))
    torch.testing.assert_close(verdict.logit, verdict.places.mean((1, 2)))
    for whole, alone in zip(verdict, critic.judge(x[2:3])):
        torch.testing.assert_close(whole[2:3], alone)


def test_settled_weights_have_the_spectral_norm_one() -> None:
    critic = a_critic()
    critic.begin(some_faces(), drawers())
    for name, weight in critic.named_parameters():
        if name.endswith("original"):
            weight.data *= 7  # as an average of weights: its singular vectors are nobody's
    critic.settle()
    for layer in (critic.body[0], critic.body[2], critic.real):
        assert isinstance(layer, torch.nn.Conv2d)
        norm = torch.linalg.matrix_norm(layer.weight.detach().flatten(1), 2)
        assert norm == pytest.approx(1, abs=0.02)
    assert not critic.training


def test_the_error_between_people_is_the_mean_of_all_pairs() -> None:
    x = torch.rand(6, 3, 4, 4)
    pairs = [(x[i] - x[j]).square().mean() for i in range(6) for j in range(6) if i != j]
    torch.testing.assert_close(apart(x), torch.stack(pairs).mean())
    critic = settled()
    photos = critic.lessons.photos.float() / 255
    with torch.no_grad():
        wanted = torch.stack([apart(photos), apart(critic.judge(photos).hidden)])
    torch.testing.assert_close(critic.between, wanted)


def test_the_recipes_net_is_small_and_requires_whom_it_learns_from() -> None:
    recipe = NETS["faces-critic"]
    assert list(recipe.requires) == recipe.net["drawn_by"]
    critic = build_net(recipe, folded=True)
    assert isinstance(critic, FaceCritic)
    assert not hasattr(critic, "lessons")
    assert 2 * sum(tensor.numel() for tensor in critic.state_dict().values()) < 1e6  # bytes in float16
    verdict = critic.judge(torch.rand(2, 3, 64, 64))
    assert verdict.places.shape == (2, 8, 8)


def test_what_ships_is_built_without_the_decoders_it_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    monkeypatch.setattr(face_critic, "build", lambda recipe, **_: built.append(recipe.name) or build(recipe, True))
    build_net(TINY, folded=True)
    assert built == []
    a_critic().begin(some_faces(), drawers())
    assert built == list(DRAWERS)


# --- what it learns from ---------------------------------------------------------------------------------------------


def test_drawn_pictures_are_samples_and_reconstructions_in_equal_parts() -> None:
    nets = drawers()
    critic, x = settled(nets), some_faces().floats(slice(0, 12))
    torch.manual_seed(1)
    drawn = critic.lessons.draw(x)
    torch.manual_seed(1)
    vae, gan = (nets[name] for name in DRAWERS)
    assert isinstance(vae, LatentModel)
    assert isinstance(gan, LatentModel)
    samples = vae.render(vae.decode(torch.randn(4, 4)))
    rebuilt = vae.render(vae.decode(vae.encode(x[4:8]).mean))
    wanted = torch.cat([samples, rebuilt, gan.render(gan.decode(torch.randn(4, 4)))])
    torch.testing.assert_close(drawn, wanted, atol=0.5 / 255 + 1e-6, rtol=0)  # rounded to 8 bits
    torch.testing.assert_close(255 * drawn, (255 * drawn).round(), atol=1e-3, rtol=0)


def test_only_the_critic_learns() -> None:
    critic = settled().train()
    before = copy.deepcopy(critic.state_dict())
    batch = Batch(some_faces().floats(slice(0, 16)), torch.ones(16, 40), 0)
    learner = torch.optim.Adam(critic.players()["model"].parameters, lr=1e-2)
    critic("model", batch)["total"].backward()
    learner.step()
    changed = {name.split(".")[0] for name, old in before.items() if not torch.equal(old, critic.state_dict()[name])}
    assert changed == {"body", "real", "gain"}
    assert all(p.grad is None for p in critic.lessons.parameters())


def test_it_learns_to_tell_drawn_from_given() -> None:
    nets = drawers()
    run = fit(TINY, pictures=some_faces(), pretrained=nets, device="cpu", fresh=True)
    critic = run.model
    assert isinstance(critic, FaceCritic)
    photos, drawn = some_faces().floats(slice(0, 32)), critic.lessons.draw(some_faces().floats(slice(0, 32)))
    with torch.no_grad():
        assert measures.auc(critic.judge(photos).logit, critic.judge(drawn).logit) > 0.95
        assert critic.between[1] > 0


def test_a_run_that_was_stopped_goes_on_without_its_decoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nets = drawers()
    options = {"pictures": some_faces(), "steps": 6, "device": "cpu"}
    whole = fit(TINY, pretrained=nets, **options)
    monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path / "stopped"))
    fit(TINY, pretrained=nets, stop=after(3), **options)
    again = fit(TINY, **options)  # nobody hands the decoders in
    assert again.step == 6
    assert same(dict(again.model.state_dict()), dict(whole.model.state_dict()))
    assert same(dict(restore(TINY).model.state_dict()), dict(whole.model.state_dict()))


def test_what_ships_is_the_critic_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "load", lambda *_, **__: some_faces())
    critic, x = settled(), torch.rand(3, 3, 32, 32)
    with torch.no_grad():
        wanted = critic.judge(x)
    export.write_bundle(Run(TINY, critic, tmp_path, 9, 9, "a few cartoons", True), tmp_path / "bundle")
    names = load_file(tmp_path / "bundle/model.safetensors")
    assert {name.split(".")[0] for name in names} == {"body", "real", "gain", "between"}
    back = assemble(TINY, tmp_path / "bundle")
    assert isinstance(back, FaceCritic)
    with torch.no_grad():
        torch.testing.assert_close(back.judge(x).logit, wanted.logit, atol=5e-3, rtol=1e-2)  # float16
    torch.testing.assert_close(back.between, critic.between, atol=0, rtol=2e-3)


# --- errors, and where it looks --------------------------------------------------------------------------------------


def test_errors_are_relative_to_two_people() -> None:
    critic, faces = settled(), some_faces(12).floats(slice(None))
    same_one = errors(critic, faces[0], faces[0])
    assert same_one.pixels.error == same_one.features.error == 0
    told = [errors(critic, faces[i], faces[j]) for i in range(12) for j in range(12) if i != j]
    # These twelve in place of those that `between` was measured of.
    assert sum(one.pixels.relative for one in told) / len(told) == pytest.approx(1, abs=0.3)
    assert sum(one.features.relative for one in told) / len(told) == pytest.approx(1, abs=0.3)
    for one in (told[0].pixels, told[0].features):
        assert one.where.shape == (32, 32)
        assert float(one.where.mean()) == pytest.approx(one.relative, rel=0.02)


def test_errors_are_where_the_change_is() -> None:
    critic, x = settled(), torch.full((3, 32, 32), 0.5)
    changed = x.clone()
    changed[:, 20:26, 4:10] = 0.9
    answer = errors(critic, x, changed)
    where = answer.pixels.where
    assert float(where[22, 6]) == pytest.approx(0.16 / float(critic.between[0]), rel=1e-3)
    assert float(where[:16].sum()) == 0
    features = answer.features.where
    assert features[16:, :16].mean() > 10 * features[:16, 16:].mean()


def test_a_look_is_a_score_and_a_map() -> None:
    critic, x = settled(), torch.rand(2, 3, 32, 32)
    seen = looks(critic, x)
    torch.testing.assert_close(seen.scores, critic.judge(x).logit.sigmoid().detach())
    assert seen.where.shape == (2, 32, 32)
    lowest, highest = seen.where.amin((1, 2)), seen.where.amax((1, 2))
    assert (lowest <= seen.scores).all()
    assert (seen.scores <= highest).all()
    assert ((lowest > 0) & (highest < 1)).all()


def test_a_shift_by_hand() -> None:
    x = torch.arange(12.0).view(1, 1, 3, 4)
    wanted = torch.tensor([[0.0, 0, 0, 1], [0, 0, 0, 1], [4, 4, 4, 5]])
    torch.testing.assert_close(shifted(x, 2, 1)[0, 0], wanted)
    torch.testing.assert_close(shifted(x, 0, -2)[0, 0], x[0, 0, 2:].expand(3, 4))
    torch.testing.assert_close(shifted(x, 0, 0), x)


def test_a_blur_is_a_gaussian_and_keeps_the_mean_of_a_plain_picture() -> None:
    dot = torch.zeros(1, 2, 21, 21)
    dot[0, 0, 10, 10] = 1
    bell = blurred(dot, 1.5)[0, 0]
    offsets = torch.arange(21.0) - 10
    assert float(bell.sum()) == pytest.approx(1, abs=1e-4)
    assert float((bell.sum(0) * offsets**2).sum()) == pytest.approx(1.5**2, rel=0.03)  # cut off at three sigma
    torch.testing.assert_close(bell, bell.T)
    assert float(blurred(dot, 1.5)[0, 1].abs().max()) == 0
    torch.testing.assert_close(blurred(torch.full((1, 3, 9, 9), 0.3), 2.0), torch.full((1, 3, 9, 9), 0.3))
    assert blurred(dot, 0) is dot


def test_brighter_is_clipped() -> None:
    torch.testing.assert_close(brightened(torch.tensor([0.2, 0.95]), 0.1), torch.tensor([0.3, 1.0]))


# --- what measures it ------------------------------------------------------------------------------------------------


def test_the_area_under_the_curve_counts_pairs() -> None:
    high, low = torch.tensor([3.0, 1.0, 2.0]), torch.tensor([2.0, 0.0])
    assert measures.auc(high, low) == pytest.approx((2 + 1 + 1.5) / 6)
    assert measures.auc(low, low) == 0.5


def test_every_decoder_has_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "COUNT", 20)
    nets = drawers()
    critic, pictures = settled(nets), some_faces()
    answer = measures.told_apart(critic, pictures, nets) | measures.errors_of_changes(critic, pictures)
    keys = {key for one in measures_of(NETS["faces-critic"]) for key in one.units}
    assert answer.keys() == keys | {"tiny-vae/auc", "tiny-vae/auc_rebuilt", "tiny-gan/auc"}
    x = pictures.floats(slice(0, 20))
    pixels = (shifted(x, 2, 0) - x).square().mean() / critic.between[0]
    assert answer["pixel_error_shift"] == pytest.approx(float(pixels), rel=1e-4)
    wanted = [errors(critic, one, blurred(one[None], 1.0)[0]).features.relative for one in x]
    assert answer["dis_error_blur"] == pytest.approx(sum(wanted) / len(wanted), rel=1e-3)
