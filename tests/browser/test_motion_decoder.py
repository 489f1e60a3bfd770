"""Motion in the browser against Python's: trajectories, the decoder tower of any z, flow colors, frames of a still."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page
from safetensors.torch import save
from server_thread import Server
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from torch import Tensor

from vaedemo.app.server import web_files
from vaedemo.data.motion import PLANES, to_offsets
from vaedemo.data.motion_scenes import KINDS, scene
from vaedemo.models.motion import Motion, flow_colors
from vaedemo.vision.image_warping import Cutout, Warp

PAGE = """<!doctype html><link rel=icon href="data:,">
<script type=module>
  import {flowColor} from './vaedemo/app/tabs/motion/lib/flow-legend.mjs';
  import {Tower} from './vaedemo/web/engine/trajectory-decoder.mjs';
  import {offsetsOf} from './vaedemo/web/engine/trajectories.mjs';
  import {Cutout} from './vaedemo/app/tabs/motion/lib/motion-layers.mjs';
  import {Warp} from './vaedemo/app/tabs/motion/lib/image-warp.mjs';
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const floats = text => new Float32Array(bytes(text).buffer);
  const text = values => btoa(Array.from(new Uint8Array(values.buffer), b => String.fromCharCode(b)).join(''));
  Object.assign(window, {
    decoded: (file, z) => text(new Tower(bytes(file).buffer).decode(z)),
    offsets: coefficients => text(offsetsOf(floats(coefficients))),
    color: (dx, dy, most) => flowColor(dx, dy, most),
    frames: (shown, futures, times) => {
      const pixels = bytes(shown), all = futures.map(floats), cutout = new Cutout(pixels, all);
      return all.map(offsets => times.map(t => text(new Warp(pixels, offsets, cutout).at(t))));
    },
    ready: true,
  });
</script>"""


@pytest.fixture(scope="module")
def page(chromium: Browser, serve: Callable[..., Server]) -> Iterator[Page]:
    server = serve(
        Starlette(
            routes=[
                Route("/", lambda request: HTMLResponse(PAGE)),
                Mount("/vaedemo", web_files.application()),
            ]
        )
    )
    page = chromium.new_page()
    page.goto(server.address)
    page.wait_for_function("window.ready")
    yield page
    page.close()


def text(values: NDArray | Tensor | bytes) -> str:
    return base64.b64encode(values if isinstance(values, bytes) else np.ascontiguousarray(values).tobytes()).decode()


def floats(of: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(of), np.float32)


@pytest.mark.parametrize("z", [8, 3])
def test_the_tower_decodes_as_pytorch_does(page: Page, z: int) -> None:
    torch.manual_seed(1)
    model = Motion(z=z, grey=[4, 8, 8, 8], channels=48, encoder=[8]).eval()
    model.typical.fill_(3.0)
    for weight in model.tower.parameters():
        weight.data *= 2
    still, code = torch.rand(1, 3 * 64 * 64), torch.randn(1, z)
    with torch.inference_mode():
        features = model.image(still)
        wanted = model.moved(code, features)
    assert wanted.std() > 0.1
    tower = {f"tower.{key}": value for key, value in model.tower.state_dict().items()}
    file = save({"features": features[0].contiguous(), "typical": model.typical.reshape(1), **tower})
    found = floats(page.evaluate("([file, z]) => decoded(file, z)", [text(file), code[0].tolist()]))
    np.testing.assert_allclose(found.reshape(PLANES, 16, 16), wanted[0].numpy(), atol=1e-3)


def test_offsets_are_pythons(page: Page) -> None:
    torch.manual_seed(2)
    trajectories = 10 * torch.randn(PLANES, 16, 16)
    found = floats(page.evaluate("text => offsets(text)", text(trajectories.numpy())))
    np.testing.assert_allclose(found.reshape(2, 16, 16, 16), to_offsets(trajectories).numpy(), atol=1e-4)


@pytest.mark.parametrize("flow", [(0, 0), (16, 0), (0, 5), (-3, -7), (-100, 20)])
def test_flow_has_the_same_colors(page: Page, flow: tuple[float, float]) -> None:
    wanted = flow_colors(torch.tensor(flow).float().view(1, 2, 1, 1), 16.0).flatten()
    np.testing.assert_allclose(page.evaluate("([dx, dy]) => color(dx, dy, 16)", list(flow)), 255 * wanted, atol=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_frames_are_pythons(page: Page, kind: str) -> None:
    drawn, times = scene(kind, 4), [0.0, 0.3, 0.6, 1.0]
    shown, futures = np.ascontiguousarray(drawn.still(256).transpose(1, 2, 0)), to_offsets(drawn.futures()).numpy()
    asked = [text(shown), [text(one) for one in futures], times]
    found = page.evaluate("([shown, futures, times]) => frames(shown, futures, times)", asked)
    cutout = Cutout(shown, futures)
    for offsets, frames in zip(futures, found):
        for t, frame in zip(times, frames):
            seen = np.frombuffer(base64.b64decode(frame), np.uint8).reshape(256, 256, 4)[..., :3].astype(int)
            apart = np.abs(seen - Warp(shown, offsets, cutout).frame(t)).max(-1)
            assert (apart > 4).mean() < 0.002  # a pixel at the edge of what is covered may fall to either side
            assert t > 0 or apart.max() == 0


def test_a_car_arrives_and_its_place_is_road_again() -> None:
    drawn = scene("fork-3", 0)
    shown = np.ascontiguousarray(drawn.still(256).transpose(1, 2, 0))
    futures = to_offsets(drawn.futures()).numpy()
    cutout = Cutout(shown, futures)
    red = (shown[..., 0] > 200) & (shown[..., 1] < 100)
    assert 1_500 < red.sum() < 8_000
    for offsets in futures:
        last = Warp(shown, offsets, cutout).frame(1.0)
        there = (last[..., 0] > 200) & (last[..., 1] < 100)
        assert 0.85 * red.sum() < there.sum() < 1.1 * red.sum()  # the car, whole, and once
        assert (there & red).sum() == 0
        behind = last[red].astype(int)
        road = shown[150, 100]
        assert (np.abs(behind - road).max(1) < 40).mean() > 0.9


def test_where_nothing_moves_it_is_the_still() -> None:
    shown = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    warp = Warp(shown, np.full((2, 16, 16, 16), 0.1, np.float32))
    assert (warp.frame(1.0) == shown).all()
