"""Nats in the browser: scores, evidence, ELBO and gradients of weights/digits-2d in Chromium, against PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page
from server_thread import Server
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route

import vaedemo
from vaedemo.app.server import routes, web_files
from vaedemo.evaluation import evidence
from vaedemo.models.vae import VAE

PAGE = """<!doctype html><link rel=icon href="data:,"><script type=module>
  import {LiveDecoder} from './vaedemo/web/engine/live-decoder.mjs';
  import {evidence} from './vaedemo/app/tabs/whyq/lib/log-evidence.mjs';
  import {best, elbo} from './vaedemo/app/tabs/whyq/lib/gaussian2d.mjs';
  import {gradients, spread} from './vaedemo/app/tabs/whyq/lib/gradient-estimators.mjs';
  const name = new URLSearchParams(location.search).get('model') ?? 'digits-2d', kept = new Map();
  const open = await LiveDecoder.open(name);
  const score = x => (zs, keep) => open.scores(Uint8Array.from(x), zs, zs.length / 2, {keep});
  Object.assign(window, {
    place: () => open.place,
    scores: async (x, zs, n, keep) => [...await open.scores(Uint8Array.from(x), zs, n, {keep})],
    evidence: async (x, name) => {
      const found = await evidence(score(x));
      kept.set(name, found);
      const {surface, ...told} = found;
      return told;
    },
    elbos: (name, qs) => qs.map(q => elbo(q, kept.get(name).surface)),
    best: (name, tilted) => {
      const {surface} = kept.get(name), q = best(surface, kept.get(name), tilted);
      return {q, elbo: elbo(q, surface)};
    },
    gradient: (name, q, eps) => {
      const all = gradients(q, kept.get(name).surface, eps), path = spread(all.path);
      return {mean: path.mean, sigma: spread(all.sigma).mean, path: path.std, score: spread(all.score)};
    },
    ready: true,
  });
</script>"""


@pytest.fixture(scope="module")
def address(serve: Callable[[Any], Server]) -> str:
    async def page(_: object) -> HTMLResponse:
        return HTMLResponse(PAGE)

    mounts = [Mount("/vaedemo", web_files.application()), Mount("/live", routes.application())]
    return serve(Starlette(routes=[Route("/", page), *mounts])).address


@pytest.fixture(scope="module")
def page(chromium: Browser, address: str) -> Iterator[Page]:
    page = chromium.new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    page.wait_for_function("window.ready")
    yield page
    page.close()


@pytest.fixture(scope="module")
def model() -> VAE:
    found = vaedemo.load("digits-2d")
    assert isinstance(found, VAE)
    return found.requires_grad_(False)


@pytest.fixture(scope="module")
def digits(model: VAE) -> torch.Tensor:
    """Two digits, black and white: one thresholded, one whose pixels are coins, which no z draws well."""
    means = model.sample(2, seed=11)
    coins = torch.bernoulli(means[1], generator=torch.Generator().manual_seed(0))
    return torch.stack([(means[0] > 0.5).float(), coins])


@pytest.fixture(scope="module")
def found(page: Page, digits: torch.Tensor) -> list[dict[str, Any]]:
    return [page.evaluate("([x, name]) => evidence(x, name)", [ink(x), str(i)]) for i, x in enumerate(digits)]


def ink(x: torch.Tensor) -> list[int]:
    return x.flatten().int().tolist()


def ellipses(one: dict[str, Any], n: int, seed: int) -> list[dict[str, Any]]:
    """As a hand may place them in the window: from anywhere in it, a third to three times as wide as the posterior."""
    dice = np.random.default_rng(seed)
    return [
        {
            "mean": [m + 0.5 * one["half"] * dice.uniform(-1, 1) for m in one["mean"]],
            "sigma": [s * 3 ** dice.uniform(-1, 1) for s in one["sigma"]],
            "angle": dice.uniform(-math.pi / 2, math.pi / 2),
        }
        for _ in range(n)
    ]


def gaussian(q: dict[str, Any]) -> torch.distributions.MultivariateNormal:
    c, s = math.cos(q["angle"]), math.sin(q["angle"])
    axes = torch.tensor([[c, -s], [s, c]], dtype=torch.float64) @ torch.diag(torch.tensor(q["sigma"]).double())
    return evidence.gaussian(torch.tensor(q["mean"]), axes @ axes.T)


def test_scores_are_pytorchs_to_a_hundredth_of_a_nat(page: Page, model: VAE, digits: torch.Tensor) -> None:
    z = np.random.default_rng(3).standard_normal((300, 2)).astype(np.float32) * 1.5
    both = [*ink(digits[0]), *ink(digits[1])]
    codes = z.ravel().tolist()
    got = np.array(page.evaluate("([x, z]) => scores(x, z, 300, 'some')", [both, codes])).reshape(2, 300)
    wanted = np.stack([evidence.scorer(model, x[None])(torch.from_numpy(z)).numpy() for x in digits])
    assert page.evaluate("place()") == "browser"
    assert np.abs(got - wanted).max() < 0.01
    assert np.ptp(wanted) > 300  # they do differ
    again = np.array(page.evaluate("([x, z]) => scores(x, z, 300, 'some')", [ink(digits[1]), codes]))  # kept logits
    assert np.array_equal(again, got[1])
    part = np.array(page.evaluate("([x, z]) => scores(x, z, 130)", [ink(digits[1]), codes[40:300]]))
    assert np.array_equal(part, got[1][20:150])


def test_the_server_scores_for_a_browser_that_cannot(
    chromium: Browser, address: str, model: VAE, digits: torch.Tensor
) -> None:
    page = chromium.new_page()
    page.goto(f"{address}?server")
    page.wait_for_function("window.ready")
    z = np.random.default_rng(4).standard_normal((140, 2)).astype(np.float32)
    got = page.evaluate("([x, z]) => scores(x, z, 140)", [[*ink(digits[0]), *ink(digits[1])], z.ravel().tolist()])
    assert page.evaluate("place()") == "server"
    wanted = [evidence.scorer(model, x[None])(torch.from_numpy(z)).numpy() for x in digits]
    assert np.abs(np.array(got).reshape(2, 140) - np.stack(wanted)).max() < 0.01
    page.close()


def test_what_has_colors_is_not_scored(chromium: Browser, address: str) -> None:
    page = chromium.new_page()
    page.goto(f"{address}?model=faces-vae")
    page.wait_for_function("window.ready")
    refused = page.evaluate(
        """() => new Promise(resolve => {
            console.warn = error => resolve(String(error));
            scores(Array(12288).fill(0), Array(64).fill(0), 1).catch(error => resolve(String(error)));
        })"""
    )
    assert "Only grey pictures are scored" in refused
    page.close()


def test_evidence_is_pythons(model: VAE, digits: torch.Tensor, found: list[dict[str, Any]]) -> None:
    for x, one in zip(digits, found, strict=True):
        exact = evidence.grid(evidence.scorer(model, x[None]))
        assert one["logP"] == pytest.approx(exact.log_p, abs=0.02)
        if one["here"] > 0.999:  # a single mode: its moments are the posterior's
            mean, covariance = exact.moments()
            assert one["mean"] == pytest.approx(mean.tolist(), abs=0.2 * one["sigma"][1])
            wide = torch.linalg.eigvalsh(covariance).sqrt().flip(0)
            assert one["sigma"] == pytest.approx(wide.tolist(), rel=0.15)
    assert any(one["here"] > 0.999 for one in found)
    assert abs(found[1]["logP"] - found[0]["logP"]) > 10


def test_elbo_is_pythons_to_a_tenth_of_a_nat(
    page: Page, model: VAE, digits: torch.Tensor, found: list[dict[str, Any]]
) -> None:
    worst = 0.0
    for i, (x, one) in enumerate(zip(digits, found, strict=True)):
        score = evidence.scorer(model, x[None])
        encoder = evidence.of_encoder(model.encode(x[None]))
        sigma = encoder.covariance_matrix.diagonal().sqrt().tolist()
        qs = [{"mean": encoder.mean.tolist(), "sigma": sigma, "angle": 0}, *ellipses(one, 12, i)]
        got = page.evaluate("([name, qs]) => elbos(name, qs)", [str(i), qs])
        for q, value in zip(qs, got, strict=True):
            wanted = evidence.elbo(score, gaussian(q))
            worst = max(worst, abs(value - wanted))
    assert worst < 0.1


def test_no_ellipse_of_a_thousand_rises_above_log_p(page: Page, found: list[dict[str, Any]]) -> None:
    for i, one in enumerate(found):
        got = page.evaluate("([name, qs]) => elbos(name, qs)", [str(i), ellipses(one, 500, 10 + i)])
        assert len(got) == 500
        assert np.isfinite(got).all()
        assert one["logP"] - max(got) > 0
        assert one["logP"] - max(got) < 20, "some are close"


def test_the_best_ellipses_are_better_than_the_encoders_and_below_the_line(
    page: Page, model: VAE, digits: torch.Tensor, found: list[dict[str, Any]]
) -> None:
    for i, (x, one) in enumerate(zip(digits, found, strict=True)):
        upright, free = (page.evaluate("([name, tilted]) => best(name, tilted)", [str(i), t]) for t in (False, True))
        encoder = evidence.elbo(evidence.scorer(model, x[None]), evidence.of_encoder(model.encode(x[None])))
        assert encoder < upright["elbo"] + 0.05
        assert upright["q"]["angle"] == 0
        assert upright["elbo"] < free["elbo"] + 0.02
        assert free["elbo"] < one["logP"]
        near = [{**upright["q"], "sigma": [s * by for s in upright["q"]["sigma"]]} for by in (0.93, 1.07)]
        aside = [
            {**upright["q"], "mean": [m + by * s for m, s in zip(upright["q"]["mean"], upright["q"]["sigma"])]}
            for by in (-0.2, 0.2)
        ]
        others = page.evaluate("([name, qs]) => elbos(name, qs)", [str(i), [*near, *aside]])
        assert max(others) < upright["elbo"]


def test_gradients_are_autograds(page: Page, model: VAE, digits: torch.Tensor, found: list[dict[str, Any]]) -> None:
    one = found[0]
    eps = np.random.default_rng(6).standard_normal((400, 2)).astype(np.float32)
    q = {"mean": [one["mean"][0] + one["sigma"][0], one["mean"][1]], "sigma": [one["sigma"][0]] * 2, "angle": 0}
    got = page.evaluate("([q, eps]) => gradient('0', q, eps)", [q, eps.tolist()])
    mean = torch.tensor(q["mean"]).expand(400, 2).clone().requires_grad_()
    sigma = torch.tensor(q["sigma"]).expand(400, 2).clone().requires_grad_()
    score = -model.distortion(digits[:1].expand(400, -1, -1, -1), mean + sigma * torch.from_numpy(eps))
    by_mean, by_sigma = torch.autograd.grad(score.sum(), (mean, sigma))
    reinforce = score[:, None].detach() * torch.from_numpy(eps) / torch.tensor(q["sigma"])
    scale = float(by_mean.norm(dim=1).mean())
    assert got["mean"] == pytest.approx(by_mean.mean(0).tolist(), abs=0.03 * scale)
    assert got["sigma"] == pytest.approx(by_sigma.mean(0).tolist(), abs=0.03 * scale)
    assert got["path"] == pytest.approx(float(by_mean.std(0, correction=0).norm()), rel=0.05)
    assert got["score"]["std"] == pytest.approx(float(reinforce.std(0, correction=0).norm()), rel=0.01)
    assert got["score"]["std"] > 5 * got["path"]
