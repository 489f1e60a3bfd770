"""Colorizations on the image tower: the tint apart, groups of draws, batches, mirrors, a thing in another hue."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal

from vaedemo import training
from vaedemo.data import Pictures, photos
from vaedemo.models import build, color_vae, colorization, image_tower, shipped
from vaedemo.models.base import Batch, Terms
from vaedemo.models.color_fields import bins_of
from vaedemo.models.color_nets import Mixture, Standard, density
from vaedemo.models.color_vae import FOCUS, ColorCVAE, Weighed, condition_of, field_of, mirrored, recolored, tint_of
from vaedemo.models.colorization import DRAWN, MANY, TINT, Colorization, distances, grouped
from vaedemo.models.image_tower import ImageTower, photos_light
from vaedemo.recipes import Recipe

torch.set_num_threads(1)
NET = {"z": 4, "maps": [8, 6, 6], "widths": [8, 6, 6]}
TINY = Recipe(
    name="tiny-colors",
    title="Tiny",
    model="colorization",
    data="photos",
    net={**NET, "mixture": 3, "hidden": 16},
    objective={"rare": 1.0, "mahalanobis": 0.5, "gradient": 0.1, "beta": 1.0},
    batch=4,
)


@pytest.fixture(autouse=True)
def random_tower(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nets stand on a tower with random weights."""
    torch.manual_seed(0)
    net = ImageTower(photos.SEEN).eval()
    for module in (image_tower, color_vae):
        monkeypatch.setattr(module, "shared", lambda: net)


def some_pictures(count: int = 12) -> Pictures:
    """Noise in lightness and colors; every third has a region, the left half."""
    x = torch.randint(256, (count, photos.PLANES + 3, 32, 32), dtype=torch.uint8)
    x[:, -1] = 0
    x[::3, -1, :, :16] = 255
    y = torch.zeros(count, 3, dtype=torch.int64)
    y[::3, 1:] = 1
    return Pictures("noise", True, x, y, photos.FACTORS)


def a_model() -> Colorization:
    model = build(TINY).eval().requires_grad_(False)
    assert isinstance(model, Colorization)
    torch.nn.init.normal_(model.brush.last.weight, std=0.3)
    return model


def a_batch(pictures: Pictures) -> Batch:
    x = pictures.floats(slice(None))
    return Batch(x, pictures.y, 0, image_tower.shared()(photos_light(x)))


def test_a_picture_is_its_mean_and_a_tint_where_codes_say_nothing() -> None:
    model, pictures = a_model(), some_pictures(2)
    torch.nn.init.zeros_(model.brush.last.weight)
    torch.nn.init.zeros_(model.brush.last.bias)  # type: ignore[arg-type]
    y = condition_of(pictures.floats(slice(None)))
    z = torch.randn(2, model.z)
    tint = model.decode(z, y) - model.grey(y).mean
    assert torch.allclose(tint, (z[:, -2:] / TINT)[:, :, None, None].expand_as(tint), atol=1e-6)


def test_the_posterior_of_a_tint_is_that_of_the_colors() -> None:
    model, x = a_model(), some_pictures(3).floats(slice(None))[:, :-1]
    mean = model.grey(condition_of(x)).mean
    shifted = model.picture(condition_of(x), mean + torch.tensor([0.1, -0.2]).view(2, 1, 1))
    assert torch.allclose(model.encode(shifted).mean[:, -2:] / TINT, torch.tensor([0.1, -0.2]).expand(3, 2), atol=1e-4)


def test_one_thing_moves_no_tint() -> None:
    residual = torch.full((1, 2, 32, 32), 0.05)
    residual[:, :, 4:20, 4:28] = 0.6  # 384 of 1,024 cells
    assert torch.allclose(tint_of(residual), torch.tensor([[0.05, 0.05]]))


def test_answers_are_the_pictures_own_and_decode_from_their_codes() -> None:
    model = a_model()
    y = condition_of(some_pictures(1).floats(slice(None)))[0]
    first, again = model.answers(y, 3, 0), model.answers(y, 3, 5)
    assert torch.equal(first.fields, again.fields)
    assert first.weights is not None
    assert first.z is not None
    assert first.weights.sum() == pytest.approx(1)
    assert (first.weights.diff() <= 0).all()
    assert torch.allclose(first.weights * MANY, (first.weights * MANY).round(), atol=1e-4)
    assert torch.allclose(model.decode(first.z, y[None]), first.fields, atol=1e-6)
    assert len(model.answers(y, 2, 0).fields) == 2


def test_answers_with_tints_are_the_means_of_their_draws() -> None:
    model = a_model()
    y = condition_of(some_pictures(1).floats(slice(None)))[0]
    codes = model.drawn(model.grey(y[None]), MANY, 0, 1.0)
    group = grouped(model.painted(codes, model.laid(y[None])), 3, 0.0)
    found = model.answers(y, 3, 0, tints=True)
    assert found.z is not None
    means = {int((group == k).sum()): codes[group == k].mean(0) for k in range(3)}
    assert found.weights is not None
    for share, z in zip(found.weights, found.z, strict=True):
        assert torch.allclose(z, means[round(float(share) * MANY)], atol=1e-5)


def test_calm_tints_lie_nearer_to_their_mean() -> None:
    model = a_model()
    grey = model.grey(condition_of(some_pictures(1).floats(slice(None))))
    calm, free = model.drawn(grey, 2_000, 1, 0.5), model.drawn(grey, 2_000, 1, 1.0)
    assert torch.equal(calm[:, :-2], free[:, :-2])
    assert torch.allclose(calm[:, -2:].std(0), free[:, -2:].std(0) / 2, rtol=1e-3)


def test_draws_are_of_the_mixture() -> None:
    model, y = a_model(), condition_of(some_pictures(1).floats(slice(None)))
    drawn, prior = model.drawn(model.grey(y), 20_000, 0), model.prior(y)
    assert torch.allclose(drawn.mean(0), prior.mean[0], atol=0.06)
    assert torch.allclose(drawn.var(0), prior.variance[0], rtol=0.1)


def test_every_draw_counts_to_its_nearest_answer() -> None:
    model, y = a_model(), condition_of(some_pictures(1).floats(slice(None)))[0]
    draws, answers = model.draws(y, 40, 3), model.answers(y, 3, 0).fields
    for nearest, field in zip(draws.answer, draws.fields):
        away = [float(distances(field[None], answer[None], colorization.APART)) for answer in answers]
        assert away[int(nearest)] == pytest.approx(min(away), abs=1e-6)
    assert (model.draws(y, 40, 3, half=True).fields - draws.fields).abs().mean() < 1 / 255


def test_one_thing_runs_through_the_colors_of_its_place() -> None:
    model, y = a_model(), condition_of(some_pictures(1).floats(slice(None)))[0]
    found = model.of_one_object(y, 4, 9, 6, 0)
    codes = model.drawn(model.grey(y[None]), DRAWN, 0)
    colors = model.decode(codes, y[None])[:, :, 4, 9]
    torch.testing.assert_close(found.colors, colors, atol=1e-4, rtol=1e-4)
    assert found.part.shape == (32, 32)
    assert found.part[4, 9] > 0.95
    first = model.answers(y, 1, 0).fields[0]
    middles = [21, 64, 106, 149, 192, 234]  # of six even parts of 256 draws
    wanted = colors[torch.atan2(colors[:, 1], colors[:, 0]).argsort()[middles]]
    before, after = ((field - wanted).norm(dim=1).mean() for field in (first[:, 4, 9], found.fields[:, :, 4, 9]))
    assert after < 0.75 * before, "the place takes the colors that were drawn for it"


def test_a_mixture_of_one_is_a_gaussian() -> None:
    logits, mean, sigma = torch.zeros(1, 1), torch.randn(1, 1, 3), torch.rand(1, 1, 3) + 0.5
    z = torch.randn(1, 3)
    assert torch.allclose(
        density(logits, mean, sigma).log_prob(z), Normal(mean[0, 0], sigma[0, 0]).log_prob(z).sum(1), atol=1e-5
    )


def test_the_mixture_begins_with_its_components_apart() -> None:
    _, means, _ = Mixture(26, 8, 16, 0.0, 4).eval()(torch.zeros(1, 4, 8, 8), torch.zeros(1, 192))
    away = torch.cdist(means[0], means[0]) + 99 * torch.eye(8)
    assert away.min() > 2


def test_groups_of_draws_are_found_whatever_their_tint() -> None:
    things = torch.zeros(3, 2, 32, 32)
    things[0, 0, 8:16, 8:16], things[1, 0, 8:16, 8:16], things[2, 1, 8:16, 16:24] = 0.8, -0.8, 0.8
    which = torch.arange(30) % 3
    tints = 0.1 * torch.randn(30, 2, 1, 1)
    found = grouped(things[which] + tints, 3, 1.0)
    assert all(len(found[which == k].unique()) == 1 for k in range(3))
    assert len(found.unique()) == 3


def test_a_tint_is_no_distance_once_it_is_taken_out() -> None:
    ab, tint = torch.randn(1, 2, 32, 32), torch.tensor([0.3, 0.4]).view(1, 2, 1, 1)
    assert distances(ab, ab + tint, 0.0).item() == pytest.approx(0.5, abs=1e-5)
    assert distances(ab, ab + tint, 0.7).item() == pytest.approx(0.15, abs=1e-5)
    assert distances(ab, ab + tint, 1.0).item() == pytest.approx(0.0, abs=1e-5)


def test_pictures_with_a_region_come_more_often_and_steps_are_their_own() -> None:
    y = torch.zeros(400, 3, dtype=torch.int64)
    y[:100, 2], y[300:, 0] = 1, photos.SETS.index("faces")
    order = Weighed(y, 64, 3)
    assert torch.equal(order.batch(7), Weighed(y, 64, 3).batch(7))
    assert not torch.equal(order.batch(7), order.batch(8))
    seen = torch.cat([order.batch(step) for step in range(400)]).bincount(minlength=400).float()
    with_region, plain, face = seen[:100].mean(), seen[100:300].mean(), seen[300:].mean()
    assert with_region / plain == pytest.approx(FOCUS, rel=0.1)
    assert face / plain == pytest.approx(0.5, rel=0.1)


def test_a_mirrored_picture_is_mirrored_pixel_by_pixel() -> None:
    x = some_pictures(3).floats(slice(None))
    maps = [torch.randn(3, 2, 8, 8)]
    kinds = set()
    for _ in range(20):
        there, told = mirrored(x, maps)
        turned = not torch.equal(told[0], maps[0])
        kinds.add(turned)
        expected = (lambda some: some.flip(3)) if turned else (lambda some: some)
        assert torch.equal(photos_light(there), expected(photos_light(x)))
        assert torch.equal(there[:, photos.PLANES :], expected(x[:, photos.PLANES :]))
        assert torch.equal(told[0], expected(maps[0]))
    assert kinds == {False, True}


def test_only_regions_get_another_hue() -> None:
    x = some_pictures(12).floats(slice(None))
    x[:, : photos.PLANES] = 0.5
    x[:, photos.PLANES : photos.PLANES + 2] = torch.tensor([0.62, 0.5]).view(1, 2, 1, 1)  # a = 0.24, b = 0
    there = recolored(x)
    assert torch.equal(there[:, : photos.PLANES], x[:, : photos.PLANES])
    outside = x[:, -1:] == 0
    assert torch.equal(field_of(there)[outside.expand(-1, 2, -1, -1)], field_of(x)[outside.expand(-1, 2, -1, -1)])
    angle = torch.atan2(field_of(there)[::3, 1, 5, 5], field_of(there)[::3, 0, 5, 5]).abs()
    assert ((angle > 0.5) | (angle < 1e-3)).all()  # well away, or one of the few that keep theirs
    assert (angle > 0.5).any()


def test_maps_are_standardized_channel_by_channel() -> None:
    maps = 3 * torch.randn(50, 4, 8, 8) + torch.arange(4.0).view(4, 1, 1)
    standard = Standard(4)
    standard.measure(maps)
    assert torch.allclose(standard(maps).mean((0, 2, 3)), torch.zeros(4), atol=1e-4)
    assert torch.allclose(standard(maps).std((0, 2, 3)), torch.ones(4), atol=1e-2)


def test_codes_learn_nothing_from_what_foretells_them() -> None:
    model = build(TINY).train()
    assert isinstance(model, Colorization)
    batch = a_batch(some_pictures())
    grey = model.seen(photos_light(batch.x), batch.maps)
    model.forecast(grey, model.posterior(batch.x, grey).rsample().detach())["missed"].backward()
    assert {name.split(".")[0] for name, value in model.named_parameters() if value.grad is not None} == {"foreteller"}


@pytest.mark.parametrize(("kind", "net"), [("colorization", TINY.net), ("colorcvae", NET)])
def test_a_short_training_lowers_the_loss_and_ships(
    kind: str, net: dict, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path_factory.mktemp("colors") / "runs"))
    pictures = some_pictures(20)
    pictures.x[:, photos.PLANES] = 180
    recipe = replace(TINY, model=kind, net=net, lr=1e-2)
    losses: list[Terms] = []
    cls = {"colorization": Colorization, "colorcvae": ColorCVAE}[kind]
    forward = cls.forward

    def noted(self: ColorCVAE, player: str, batch: Batch) -> Terms:
        terms = forward(self, player, batch)
        losses.append({name: value.detach() for name, value in terms.items()})
        return terms

    monkeypatch.setattr(cls, "forward", noted)
    run = training.fit(recipe, steps=20, pictures=pictures, bf16=False)
    first, last = (torch.stack([terms["total"] for terms in some]).mean() for some in (losses[:5], losses[-5:]))
    assert last < first
    assert torch.stack([terms["surprise"] for terms in losses[-5:]]).mean() < losses[0]["surprise"]
    y = condition_of(pictures.floats(slice(0, 2)))
    before = run.model.logits(y)  # type: ignore[operator]
    assert torch.allclose(shipped(run.model).logits(y), before, atol=1e-3)  # type: ignore[operator]
    fields = run.model.answers(y[0], 3, 0).fields  # type: ignore[operator]
    assert fields.shape[1:] == (2, 32, 32)
    assert torch.isfinite(fields).all()


def begun(count: int = 40) -> tuple[ColorCVAE, Pictures]:
    model, pictures = ColorCVAE(**NET), some_pictures(count)  # type: ignore[arg-type]
    model.begin(pictures, {})
    return model.eval().requires_grad_(False), pictures


def test_rarity_is_one_on_average_and_greater_for_rarer_colors() -> None:
    pictures = some_pictures(40)
    pictures.x[:, photos.PLANES : -1] = 128 + pictures.x[:, photos.PLANES : -1] // 8  # some bins are empty
    model = ColorCVAE(**NET)  # type: ignore[arg-type]
    model.begin(pictures, {})
    bins = bins_of(field_of(pictures.floats(slice(None))))
    assert torch.isclose(model.rarity[bins].mean(), torch.tensor(1.0), atol=1e-4)
    counts = bins.flatten().bincount(minlength=100)
    assert model.rarity[counts.argmax()] < model.rarity[counts == 0].min()


def test_principal_components_have_unit_variance_over_the_data() -> None:
    model, pictures = begun()
    projected = field_of(pictures.floats(slice(None))).flatten(1) @ model.components.T
    assert (projected[:, :5].std(0) - 1).abs().max() < 0.05


def test_cells_drawn_on_their_own_follow_their_distribution() -> None:
    model, pictures = begun(20)
    model.bins[-1].weight.data *= 20  # type: ignore[union-attr]
    y = condition_of(pictures.floats(slice(0, 1)))
    share = model.logits(y).softmax(1)[0, :, 4, 7]
    seen = bins_of(model.cells(y[0], 2_000, 0))[:, 4, 7].bincount(minlength=100) / 2_000
    assert (seen - share).abs().max() < 0.05


@pytest.mark.parametrize("model", [Colorization(**TINY.net), ColorCVAE(**NET)])  # type: ignore[arg-type]
def test_every_part_of_a_net_learns(model: ColorCVAE) -> None:
    pictures = some_pictures(20)
    model.begin(pictures, {})
    torch.nn.init.normal_(model.brush.last.weight, std=0.3)
    model.train()("model", a_batch(pictures))["total"].backward()
    assert not [name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.abs().sum()]


def test_the_loss_weighs_its_terms() -> None:
    model = a_model()
    painted, ab = 0.1 * torch.randn(3, 2, 32, 32), 0.1 * torch.randn(3, 2, 32, 32)
    terms = model.errors(painted, ab)
    assert torch.allclose(
        model.energy(painted, ab), terms["hist"] + 0.5 * terms["mah"] + 0.1 * terms["grad"], rtol=1e-5
    )
    error: Tensor = painted - ab
    across = (error[..., 1:] - error[..., :-1]).square().sum((1, 2, 3))
    along = (error[:, :, 1:] - error[:, :, :-1]).square().sum((1, 2, 3))
    assert torch.allclose(terms["grad"], across + along, rtol=1e-5)
