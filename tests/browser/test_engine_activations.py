"""What the layers of a decoder hold, read in a real browser, against PyTorch's forward hooks."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page
from safetensors.numpy import save_file
from server_thread import Server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from torch import Tensor, nn

from vaedemo import models
from vaedemo.app.server import web_files
from vaedemo.models.base import LatentModel
from vaedemo.recipes import Recipe
from vaedemo.release.browser_export import browser_file, describe

WEIGHTS = Path(__file__).parents[2] / "weights"
PAGE = """<!doctype html><link rel=icon href="data:,"><script type=module>
  import {LiveDecoder} from './vaedemo/web/engine/live-decoder.mjs';
  const text = bytes => btoa(Array.from(bytes, b => String.fromCharCode(b)).join(''));
  window.features = async (name, z) => {
    const decoder = await LiveDecoder.open(name), features = await decoder.features(z);
    return features?.map(({planes, peaks, ...sizes}) => ({...sizes, planes: text(planes), peaks: [...peaks]}));
  };
  window.picture = async (name, z) => {
    const decoder = await LiveDecoder.open(name);
    return new Promise(resolve => decoder.show(z, planes => resolve(text(planes))));
  };
  window.ready = true;
</script>"""


def random_net() -> nn.Sequential:
    """Channels that are no multiples of the kernels' eight, a refining convolution, a linear layer without ReLU."""
    torch.manual_seed(11)
    net = nn.Sequential(
        nn.Linear(3, 40),
        nn.ReLU(),
        nn.Linear(40, 5 * 12),
        nn.Unflatten(1, (5, 3, 4)),
        nn.Conv2d(5, 13, 3, 1, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(13, 10, 4, 2, 1),
        nn.ReLU(),
        nn.Conv2d(10, 10, 3, 1, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(10, 3, 4, 2, 1),
    )
    return net.half().float()


def shuffled_net() -> nn.Sequential:
    """A PixelShuffle at the end; the last layer that is looked into is the one before it."""
    torch.manual_seed(12)
    net = nn.Sequential(
        nn.Linear(3, 5 * 12),
        nn.Unflatten(1, (5, 3, 4)),
        nn.ReLU(),
        nn.ConvTranspose2d(5, 10, 4, 2, 1),
        nn.ReLU(),
        nn.Conv2d(10, 12, 3, 1, 1),
        nn.PixelShuffle(2),
    )
    return net.half().float()


def shipped_net() -> nn.Sequential:
    folder = WEIGHTS / "digits-2d"
    model = models.assemble(Recipe.from_json((folder / "config.json").read_text()), folder)
    assert isinstance(model, LatentModel)
    return model.decoder


NETS: dict[str, Callable[[], nn.Sequential]] = {
    "random": random_net,
    "shuffled": shuffled_net,
    "digits-2d": shipped_net,
}


def hooked(net: nn.Sequential, z: Tensor) -> list[Tensor]:
    """(C, H, W) of every layer that gives a picture, after its ReLU if it has one."""
    outputs: dict[int, Tensor] = {}
    layers = [layer for layer in net if not isinstance(layer, (nn.Identity, nn.PixelShuffle))]
    for index, layer in enumerate(layers):

        def keep(_module: nn.Module, _given: tuple[Tensor, ...], answer: Tensor, at: int = index) -> None:
            outputs[at] = answer.clone()

        layer.register_forward_hook(keep)
    with torch.inference_mode():
        net(z[None])
    ends = [at for at in outputs if at + 1 == len(layers) or not isinstance(layers[at + 1], nn.ReLU)]
    return [outputs[at][0] for at in ends if outputs[at].dim() == 4]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., Server]) -> Server:
    folder = tmp_path_factory.mktemp("models")
    for name, make in NETS.items():
        net = make()
        tensors = {f"decoder.{key}": value.half().numpy() for key, value in net.state_dict().items()}
        z = tensors["decoder.0.weight"].shape[1]
        metadata = {"z": str(z), "y": "0", "head": "sigmoid", "decoder": json.dumps(describe(net))}
        save_file(tensors, folder / name, metadata)

    def model(request: Request) -> Response:
        return Response(browser_file(folder / request.path_params["name"]))

    return serve(
        Starlette(
            routes=[
                Route("/", lambda request: HTMLResponse(PAGE)),
                Mount("/vaedemo", web_files.application()),
                Route("/live/models/{name}.safetensors", model),
            ]
        )
    )


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    page.set_default_timeout(20_000)
    uncaught: list[str] = []
    page.on("pageerror", lambda error: uncaught.append(str(error)))
    yield page
    page.close()
    assert uncaught == []


def visit(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.address}/{query}")
    page.wait_for_function("window.ready")


@pytest.mark.parametrize("name", NETS)
def test_features_are_what_pytorchs_hooks_see(page: Page, server: Server, name: str) -> None:
    net = NETS[name]()
    torch.manual_seed(5)
    visit(page, server)
    for z in torch.randn(4, net[0].in_features):  # type: ignore[arg-type]
        wanted = hooked(NETS[name](), z)
        seen = page.evaluate("([name, z]) => features(name, z)", [name, z.tolist()])
        assert [(f["channels"], f["height"], f["width"]) for f in seen] == [tuple(maps.shape) for maps in wanted]
        for feature, maps in zip(seen, wanted):
            peaks = maps.amax((1, 2))
            assert np.allclose(feature["peaks"], peaks, rtol=2e-3, atol=2e-3)
            floors = maps.amin((1, 2)).clamp(max=0)
            span = (peaks - floors)[:, None, None]
            levels = torch.where(span > 0, 255 * (maps - floors[:, None, None]) / span, 0.0)
            planes = np.frombuffer(base64.b64decode(feature["planes"]), np.uint8).reshape(maps.shape)
            alive = (span > 1e-2).expand_as(maps).numpy()  # of nearly nothing, float32's last bits are all there is
            assert np.abs(planes - levels.numpy())[alive].max() <= 1
        assert any(feature["peaks"][0] > 0 for feature in seen)


def test_pictures_are_the_same_before_and_after_a_look_inside(page: Page, server: Server) -> None:
    visit(page, server)
    z = [0.3, -0.7]
    before = page.evaluate("z => picture('digits-2d', z)", z)
    page.evaluate("z => features('digits-2d', z)", [2.0, 1.0])
    assert page.evaluate("z => picture('digits-2d', z)", z) == before


def test_what_looks_inside_is_not_loaded_before_it_is_asked_for(page: Page, server: Server) -> None:
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    visit(page, server)
    page.evaluate("z => picture('digits-2d', z)", [0.0, 0.0])
    assert not any("activations.mjs" in url for url in asked)
    page.evaluate("z => features('digits-2d', z)", [0.0, 0.0])
    assert any("activations.mjs" in url for url in asked)


def test_the_server_does_not_tell(page: Page, server: Server) -> None:
    visit(page, server, "?server")
    assert page.evaluate("z => features('digits-2d', z)", [0.0, 0.0]) is None


def test_a_wrong_length_is_refused(page: Page, server: Server) -> None:
    visit(page, server)
    words = page.evaluate("features('digits-2d', [1, 2, 3]).then(() => 'answered', error => error.message)")
    assert words == "3 numbers given; 2 expected"
