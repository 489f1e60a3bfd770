"""Models of color fields: on drawn streets exactly what is free varies; hints; what a loss term weighs."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal

from vaedemo import data, recipes, training
from vaedemo.data import Pictures
from vaedemo.data.colors import packed
from vaedemo.data.synthetic import streets
from vaedemo.models import build, build_net, colorization
from vaedemo.models.base import Batch
from vaedemo.models.colorization import (
    ColorBins,
    Colorization,
    ColorRegression,
    ColorVAE,
    Draws,
    bins_of,
    color_of,
    field,
    hinted,
    lightness,
    mirrored,
)
from vaedemo.models.folding import fold_batchnorm

torch.set_num_threads(1)
STEPS = 350
SMALL = {"grey": [12, 24, 32, 48], "widths": [40, 32, 24, 12], "features": ""}
TINY = {"z": 5, "grey": [4, 6, 8, 8], "widths": [6, 6, 5, 4], "encoder": [4, 4, 4], "features": ""}
_NETS = {"grey": [24, 56, 88, 112], "widths": [80, 64, 48, 24]}
_VAES = {"z": 32, "encoder": [24, 48, 64], "features": "", **_NETS}
_TERMS = {"rare": 1.0, "mahalanobis": 0.5, "gradient": 0.1, "beta": 10.0, "warmup": 1_000}
# What ships until the models on the image tower do, as its config.json says.
SHIPPED = {
    "colorization": ("colorization", {"mixture": 8, "hidden": 256, **_VAES}, {**_TERMS, "mdn_start": 10_800}),
    "colorization-cvae": ("colorcvae", _VAES, {**_TERMS, "mahalanobis": 2.0, "gradient": 0.5}),
    "colorization-l2": ("colorvae", _VAES, {**_TERMS, "rare": 0.0, "mahalanobis": 0.0, "gradient": 0.0}),
    "colorization-regression": ("colorregression", {"features": "", **_NETS}, {}),
    "colorization-features": ("colorbins", _NETS, {}),
}
RECIPES = {
    name: recipes.Recipe(name, "Colors", model, "colors", net, objective, batch=64)
    for name, (model, net, objective) in SHIPPED.items()
}
VAE_NAMES = [name for name, recipe in RECIPES.items() if "z" in recipe.net]


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Colorization:
    """A small model after a minute with drawn streets."""
    known = RECIPES["colorization"]
    recipe = replace(
        known,
        net={**known.net, **SMALL, "z": 8, "encoder": [16, 24, 32], "hidden": 128},
        objective={**known.objective, "mdn_start": STEPS, "warmup": STEPS // 10},
        batch=32,
        lr=3e-3,
        requires=(),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VAEDEMO_RUNS", str(tmp_path_factory.mktemp("runs")))
        drawn = data.load("colors", "train", twin=True)
        model = training.fit(recipe, steps=STEPS, pictures=drawn, bf16=False).model  # the same on every processor
    assert isinstance(model, Colorization)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def seen() -> tuple[Tensor, dict[str, Tensor]]:
    """Forty streets that no training saw, x (40, 6, 32, 32), and whose cells are whose."""
    drawn = streets.streets(40, 7)
    light, ab = torch.from_numpy(drawn.lightness)[:, None] / 100, torch.from_numpy(drawn.field) / 128
    return packed(light, ab).float() / 255, {name: torch.from_numpy(cells) for name, cells in drawn.parts.items()}


def test_exactly_the_free_colors_vary(learned: Colorization, seen: tuple[Tensor, dict[str, Tensor]]) -> None:
    x, parts = seen
    fields = 128 * torch.stack([learned.answers(y, 8, 0).fields for y in lightness(x)])  # (40, 8, 2, 32, 32)
    spread = fields.std(1).square().sum(1).sqrt()
    assert spread[parts["van"]].mean() > 30  # 46 from street to street; 38 here, whatever the seed
    assert spread[parts["lamp"]].mean() > 20  # 56; 28 to 40 here
    assert spread[parts["grass"]].mean() < 10  # nothing; 7 here
    assert spread[parts["sky"]].mean() < 10
    lamps = torch.stack([fields[k, :, 0][:, parts["lamp"][k]].mean(1) for k in range(40)])  # (40, 8): a of each answer
    assert ((lamps > 15).any(1) & (lamps < -15).any(1)).float().mean() > 0.8  # both kinds are among the eight
    vans = torch.stack([fields[k][:, :, parts["van"][k]].mean(2) for k in range(40)])
    quarters = (torch.atan2(vans[..., 1], vans[..., 0]) / (torch.pi / 2)).floor()
    assert torch.tensor([len(q.unique()) for q in quarters]).float().mean() > 3  # of four quarters of the color wheel


def test_a_hint_on_the_van_chooses_the_vans_color_and_no_others(
    learned: Colorization, seen: tuple[Tensor, dict[str, Tensor]]
) -> None:
    x, parts = seen
    nearer, elsewhere = [], []
    for k in range(20):
        true, van = field(x[k : k + 1])[0], parts["van"][k]
        row, column = (int(place) for place in van.nonzero()[len(van.nonzero()) // 2])
        draws = learned.draws(lightness(x[k : k + 1])[0], 512, seed=k)
        told = [(row, column, (float(true[0, row, column]), float(true[1, row, column])))]
        errors = []
        for dabs in ([], told):
            weights, fields = hinted(draws, dabs, learned.mixture)
            assert torch.isclose(weights.sum(), torch.tensor(1.0), atol=1e-4)
            away = (fields[weights.argmax()] - true).square().sum(0).sqrt()
            errors.append((away[van].mean(), away[parts["grass"][k]].mean()))
        nearer.append(errors[1][0] < errors[0][0])
        elsewhere.append(errors[1][1])
    assert sum(nearer) >= 17
    assert torch.stack(elsewhere).mean() < 0.12


def test_a_hint_weighs_draws_by_a_gaussian() -> None:
    fields = torch.zeros(4, 2, 32, 32)
    fields[:, 0, 3, 9] = torch.tensor([0.0, 0.1, 0.1, 0.4])
    draws = Draws(torch.tensor([0, 0, 1, 2]), fields)
    weights, mean = hinted(draws, [(3, 9, (0.1, 0.0))], 4)
    density = Normal(0.0, colorization.HINT).log_prob(fields[:, 0, 3, 9] - 0.1).exp()
    share = density / density.sum()
    assert torch.allclose(weights, torch.stack([share[:2].sum(), share[2], share[3], torch.tensor(0.0)]), atol=1e-6)
    assert torch.allclose(mean[0, 0, 3, 9], 0.1 * share[1] / share[:2].sum(), atol=1e-6)
    assert torch.allclose(mean[2, 0, 3, 9], torch.tensor(0.4))


def test_without_hints_every_draw_counts_alike() -> None:
    fields = torch.randn(6, 2, 32, 32)
    weights, mean = hinted(Draws(torch.tensor([0, 0, 0, 1, 1, 2]), fields), [], 3)
    assert torch.allclose(weights, torch.tensor([3.0, 2.0, 1.0]) / 6)
    assert torch.allclose(mean[0], fields[:3].mean(0), atol=1e-6)


@pytest.mark.parametrize("name", VAE_NAMES)
def test_every_recipe_paints(name: str) -> None:
    model = build(RECIPES[name]).eval()
    assert isinstance(model, ColorVAE)
    x = torch.rand(3, *model.shape)
    posterior = model.encode(x)
    assert (posterior.batch_shape, posterior.event_shape) == ((3,), (model.z,))
    assert model.decode(posterior.mean, lightness(x)).shape == (3, 2, 32, 32)
    shown = model.render(model.decode(posterior.mean, lightness(x)))
    assert (shown.shape, model.sample(3, y=lightness(x)).shape) == ((3, 3, 32, 32), (3, 3, 32, 32))
    assert torch.isfinite(model.distortion(x, posterior.mean)).all()
    answers = model.answers(lightness(x)[0], 8, seed=1)
    assert answers.fields.shape == (8, 2, 32, 32)
    if isinstance(model, Colorization):
        assert answers.weights is not None
        assert answers.weights.diff().max() <= 0
        assert torch.isclose(answers.weights.sum(), torch.tensor(1.0), atol=1e-5)
        assert model.prior(lightness(x)).sample().shape == (3, model.z)
        with pytest.raises(ValueError, match="grey"):
            model.prior()
    with pytest.raises(ValueError, match="y: "):
        model.sample(2)
    with pytest.raises(ValueError, match="y: "):
        model.decode(posterior.mean)


def tiny(**objective: float) -> ColorVAE:
    model = ColorVAE(**TINY, **objective)  # type: ignore[arg-type]
    model.begin(some(), {})
    return model


def some() -> Pictures:
    twin = data.load("colors", "validation", twin=True)
    return Pictures(twin.source, True, twin.x[:100], twin.y[:100])


def test_the_mixture_density_is_the_one_written_out() -> None:
    model = Colorization(mixture=3, hidden=8, mdn_start=10, squeeze=4, **TINY).eval()  # type: ignore[arg-type]
    model.spread.uniform_(0.3, 1.5)
    y = torch.rand(2, 4096)
    logits, means = model.foretell(model.grey(y.view(-1, 4, 32, 32)))
    z = torch.randn(2, 5)
    by_hand = torch.logsumexp(logits + Normal(means, model.spread).log_prob(z[:, None]).sum(2), 1)
    assert torch.allclose(model.prior(y).log_prob(z), by_hand, atol=1e-5)


def test_draws_have_the_mixtures_weights_and_spread() -> None:
    model = Colorization(mixture=3, hidden=8, mdn_start=10, squeeze=4, **TINY).eval()  # type: ignore[arg-type]
    y = torch.rand(4096)
    features = model.grey(y.view(1, 4, 32, 32))
    component, z = model._drawn(features, 4_000, 2.0, 0)
    answers = model.answers(y, 3, 0)
    assert answers.z is not None
    assert answers.weights is not None
    assert (torch.bincount(component) / 4_000 - answers.weights).abs().max() < 0.03
    for k in range(3):
        assert (z[component == k].mean(0) - answers.z[k]).abs().max() < 0.25
        assert (z[component == k].std(0) - 2).abs().max() < 0.2


def test_rarity_is_one_on_average_and_greater_for_rarer_colors() -> None:
    pictures = some()
    model = tiny()
    bins = bins_of(field(pictures.floats(slice(None))))
    assert torch.isclose(model.rarity[bins].mean(), torch.tensor(1.0), atol=1e-4)
    counts = bins.flatten().bincount(minlength=100)
    assert model.rarity[counts.argmax()] < model.rarity[counts == 0].min()


def test_principal_components_have_unit_variance_over_the_data() -> None:
    pictures = some()
    projected = field(pictures.floats(slice(None))).flatten(1) @ tiny().components.T
    assert (projected[:, :5].std(0) - 1).abs().max() < 0.02


def test_each_term_of_the_loss_counts_what_it_says() -> None:
    model = tiny(mahalanobis=3.0, gradient=0.5)
    ab = field(some().floats(slice(0, 4)))
    error = 0.1 * torch.randn(4, 2, 32, 32)
    errors = model.errors(ab + error, ab)
    assert torch.allclose(errors["hist"], (model.rarity[bins_of(ab)][:, None] * error**2).sum((1, 2, 3)), rtol=1e-4)
    across, along = error[..., 1:] - error[..., :-1], error[..., 1:, :] - error[..., :-1, :]
    steps = across.square().sum((1, 2, 3)) + along.square().sum((1, 2, 3))
    assert torch.allclose(errors["grad"], steps, rtol=1e-4)
    assert torch.allclose(errors["mah"], (error.flatten(1) @ model.components.T).square().sum(1), rtol=1e-4)
    assert torch.allclose(model.energy(ab + error, ab), errors["hist"] + 3 * errors["mah"] + 0.5 * errors["grad"])
    plain = tiny(rare=0.0)
    assert torch.allclose(plain.energy(ab + error, ab), error.square().sum((1, 2, 3)), rtol=1e-4)
    even = plain.errors(ab + 0.1, ab)
    assert even["grad"].max() < 1e-6


def test_a_mirrored_picture_is_the_picture_of_the_mirrored() -> None:
    light, ab = torch.rand(1, 1, 64, 64), torch.rand(1, 2, 32, 32) - 0.5
    x = packed(light, ab).float()
    torch.manual_seed(1)
    found = {tuple(mirrored(x).flatten().tolist()) for _ in range(20)}
    assert found == {tuple(y.flatten().tolist()) for y in (x, packed(light.flip(3), ab.flip(3)).float())}


def test_bins_hold_their_own_middles_and_nothing_is_outside() -> None:
    numbers = torch.arange(100).view(1, 10, 10)
    assert torch.equal(bins_of(color_of(numbers)), numbers)
    assert set(bins_of(torch.tensor([-1.0, 1.0]).view(1, 2, 1, 1)).flatten().tolist()) == {9}


def test_other_nets_begin_with_the_features_of_the_classifier() -> None:
    bins = fold_batchnorm(ColorBins(grey=TINY["grey"], widths=TINY["widths"]))  # type: ignore[arg-type]
    model = ColorRegression(grey=TINY["grey"], widths=TINY["widths"], features="the-features")  # type: ignore[arg-type]
    x = torch.rand(2, 4, 32, 32)
    assert not torch.allclose(model.grey(x)[-1], bins.grey(x)[-1])
    model.begin(some(), {"the-features": bins})
    assert torch.allclose(model.grey(x)[-1], bins.grey(x)[-1])


def test_cells_drawn_on_their_own_follow_their_distribution() -> None:
    model = ColorBins(grey=TINY["grey"], widths=TINY["widths"]).eval()  # type: ignore[arg-type]
    model.brush.last.weight.data *= 20
    y = torch.rand(4096)
    fields = model.answers(y, 2_000, seed=0).fields
    share = model.logits(y[None]).softmax(1)[0, :, 4, 7]
    seen = bins_of(fields)[:, 4, 7].bincount(minlength=100) / 2_000
    assert (seen - share).abs().max() < 0.05


@pytest.mark.parametrize("name", RECIPES)
def test_every_part_of_a_net_learns(name: str) -> None:
    model = build_net(RECIPES[name]).train()
    model.begin(some(), {})
    model("model", Batch(some().floats(slice(0, 8)), torch.zeros(8), 0))["total"].backward()
    assert not [name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.abs().sum()]
