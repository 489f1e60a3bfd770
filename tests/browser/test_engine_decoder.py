"""The decoder in a real browser: PyTorch's pictures, the newest one, and pictures still when something is missing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page
from safetensors import safe_open
from safetensors.numpy import save_file
from server_thread import Server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from torch import Tensor, nn
from torch.nn import functional as F

from vaedemo.app.server import web_files
from vaedemo.app.widgets import PACKAGE
from vaedemo.release.browser_export import browser_file, describe
from vaedemo.store.packed import Tensors

WEIGHTS = Path(__file__).parents[2] / "weights"
PREFIX = "/some/where"
"""The page lives under a path, as behind a proxy: only relative addresses find anything."""

PAGE = """<!doctype html><link rel=icon href="data:,"><style>:root { --ink: rgb(10, 20, 30); --paper: white }</style>
<canvas></canvas>
<script type=module>
  import {LiveDecoder} from './vaedemo/web/engine/live-decoder.mjs';
  import {Painter} from './vaedemo/web/ui/painter.mjs';
  Object.assign(window, {LiveDecoder, Painter, ready: true});
</script>"""

HELPERS = """
  window.workers = [];
  window.Worker = class extends Worker { constructor(...a) { super(...a); workers.push(this); } };
  window.text = bytes => btoa(Array.from(bytes, b => String.fromCharCode(b)).join(''));
  window.until = async test => { while (!test()) await new Promise(r => setTimeout(r, 5)); };
  window.openLive = async name => {
    window.errors = [];
    window.decoder = await LiveDecoder.open(name, {onError: e => errors.push(e && e.message)});
    return {place: decoder.place, inputs: decoder.inputs, shape: decoder.shape};
  };
  window.all = async (zs, n) => {
    const whole = new Uint8Array(n * decoder.shape.reduce((a, b) => a * b));
    await decoder.batch(zs, n, (planes, first) => whole.set(planes, first * whole.length / n));
    return text(whole);
  };
  window.shown = z => new Promise(resolve => decoder.show(z, planes => resolve(text(planes))));
"""


def random_decoders() -> dict[str, nn.Sequential]:
    torch.manual_seed(7)
    digits = nn.Sequential(
        nn.Linear(2, 256),
        nn.ReLU(),
        nn.Linear(256, 32 * 49),
        nn.Unflatten(1, (32, 7, 7)),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, 1, 1),
        nn.ReLU(),
        nn.Conv2d(64, 64, 3, 1, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(64, 32, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(32, 1, 4, 2, 1),
    )
    photo = nn.Sequential(
        nn.Linear(64, 256 * 16),
        nn.Unflatten(1, (256, 4, 4)),
        nn.ReLU(),
        nn.ConvTranspose2d(256, 192, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(192, 96, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(96, 48, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(48, 32, 4, 2, 1),
        nn.ReLU(),
        nn.Conv2d(32, 3, 3, 1, 1),
    )
    sprites = nn.Sequential(
        nn.Linear(10, 256),
        nn.ReLU(),
        nn.Linear(256, 64 * 16),
        nn.Unflatten(1, (64, 4, 4)),
        nn.ReLU(),
        nn.ConvTranspose2d(64, 64, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(64, 32, 4, 2, 1),
        nn.ReLU(),
        nn.Conv2d(32, 16, 3, 1, 1),
        nn.PixelShuffle(4),
    )
    faces = nn.Sequential(
        nn.Linear(64, 256),
        nn.ReLU(),
        nn.Linear(256, 192 * 16),
        nn.Unflatten(1, (192, 4, 4)),
        nn.ReLU(),
        nn.ConvTranspose2d(192, 96, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(96, 96, 4, 2, 1),
        nn.ReLU(),
        nn.Conv2d(96, 96, 3, 1, 1),
        nn.ReLU(),
        nn.Conv2d(96, 48, 3, 1, 1),
        nn.PixelShuffle(4),
    )
    nets = {"random digits": digits, "random photo": photo, "random sprites": sprites, "random faces": faces}
    for net in nets.values():
        for layer in net:
            if isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")  # pictures of full contrast
        first, last = net[0], net[-2] if isinstance(net[-1], nn.PixelShuffle) else net[-1]
        assert isinstance(first, nn.Linear)
        assert isinstance(last, (nn.Conv2d, nn.ConvTranspose2d))
        assert last.bias is not None
        with torch.no_grad():
            contrast = 3 / net(torch.randn(64, first.in_features)).std()
            last.weight.mul_(contrast)
            last.bias.mul_(contrast)
    return nets


SHIPPED = [
    path.parent.name
    for path in sorted(WEIGHTS.glob("*/model.safetensors"))
    if "decoder" in (safe_open(path, "numpy").metadata() or {})
]
NAMES = [*random_decoders(), *SHIPPED]


def pytorchs(path: Path, zs: Tensor) -> np.ndarray:
    """zs (N, inputs) decoded by PyTorch from a model.safetensors and its description: (N, C, H, W) uint8."""
    with safe_open(path, "numpy") as file:
        x, read = zs, Tensors(file)
        for op in json.loads(file.metadata()["decoder"]):
            weight, bias = (torch.from_numpy(read(f"{op['name']}.{part}")).float() for part in ("weight", "bias"))
            if op["op"] == "linear":
                x = F.linear(x, weight, bias)
                x = x.unflatten(1, op["to"]) if "to" in op else x
            elif op["op"] == "conv":
                x = F.conv2d(x, weight, bias, padding=1)
            else:
                x = F.conv_transpose2d(x, weight, bias, stride=2, padding=1)
            x = F.relu(x) if op["relu"] else x
            x = F.pixel_shuffle(x, op["shuffle"]) if "shuffle" in op else x
    return (255 * torch.sigmoid(x)).round().to(torch.uint8).numpy()


def inputs_of(path: Path) -> int:
    with safe_open(path, "numpy") as file:
        return int(file.metadata()["z"]) + int(file.metadata()["y"])


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every model.safetensors by name: those drawn at random, and what is shipped."""
    folder = tmp_path_factory.mktemp("models")
    paths = {name: WEIGHTS / name / "model.safetensors" for name in SHIPPED}
    for name, net in random_decoders().items():
        paths[name] = folder / f"{name}.safetensors"
        tensors = {f"decoder.{key}": value.half().numpy() for key, value in net.state_dict().items()}
        inputs = tensors["decoder.0.weight"].shape[1]
        metadata = {"z": str(inputs), "y": "0", "head": "sigmoid", "decoder": json.dumps(describe(net))}
        save_file(tensors, paths[name], metadata)
    return paths


@pytest.fixture(scope="module")
def server(models: dict[str, Path], serve: Callable[..., Server]) -> Server:
    """The page's routes, as the app has them."""

    def model(request: Request) -> Response:
        path = models.get(request.path_params["name"])
        return Response(browser_file(path) if path else None, 200 if path else 404)

    async def decode(request: Request) -> Response:
        path = models[request.path_params["name"]]
        zs = torch.from_numpy(np.frombuffer(await request.body(), "<f4").copy()).reshape(-1, inputs_of(path))
        if zs.abs().max() > 100:
            return Response(status_code=422)
        return Response(pytorchs(path, zs).tobytes(), media_type="application/octet-stream")

    return serve(
        Starlette(
            routes=[
                Mount(
                    PREFIX,
                    routes=[
                        Route("/", lambda request: HTMLResponse(PAGE)),
                        Mount("/vaedemo", web_files.application()),
                        Route("/live/models/{name}.safetensors", model),
                        Route("/live/decode/{name}", decode, methods=["POST"]),
                    ],
                )
            ]
        )
    )


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.add_init_script(HELPERS)
    uncaught: list[str] = []
    page.on("pageerror", lambda error: uncaught.append(str(error)))
    yield page
    context.close()
    assert uncaught == []


def visit(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.address}{PREFIX}/{query}")
    page.wait_for_function("window.ready")


def opened(page: Page, name: str) -> dict:
    return page.evaluate("name => openLive(name)", name)


def decoded(page: Page, zs: Tensor, shape: tuple[int, ...]) -> np.ndarray:
    """What the opened decoder makes of zs (N, inputs), through batch()."""
    text = page.evaluate("([zs, n]) => all(zs, n)", [zs.flatten().tolist(), len(zs)])
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape)


def furthest(a: np.ndarray, b: np.ndarray) -> int:
    return int(np.abs(a.astype(int) - b.astype(int)).max())


@pytest.mark.parametrize(
    ("name", "query"), [*((name, "") for name in NAMES), *((name, "?server") for name in random_decoders())]
)
def test_pictures_are_pytorchs(page: Page, server: Server, models: dict[str, Path], name: str, query: str) -> None:
    torch.manual_seed(3)
    zs = torch.randn(200 if name.startswith("random") else 40, inputs_of(models[name]))
    wanted = pytorchs(models[name], zs)
    visit(page, server, query)
    form = opened(page, name)
    assert form == {"place": "server" if query else "browser", "inputs": zs.shape[1], "shape": list(wanted.shape[1:])}
    assert furthest(decoded(page, zs, wanted.shape), wanted) <= 1
    assert page.evaluate("errors") == []
    if name.startswith("random"):
        assert wanted.std() > 40  # a picture, not a grey that anything equals


@pytest.mark.parametrize("missing", ["kernels-fused.wasm", "worker.mjs"])
def test_server_decodes_where_the_browser_cannot(
    page: Page, server: Server, models: dict[str, Path], missing: str
) -> None:
    page.context.route(f"**/{missing}", lambda route: route.abort())
    visit(page, server)
    assert opened(page, "random digits")["place"] == "server"
    wanted = pytorchs(models["random digits"], torch.ones(1, 2))
    assert furthest(decoded(page, torch.ones(1, 2), wanted.shape), wanted) == 0


def test_an_older_browser_decodes_without_fused_kernels(page: Page, server: Server, models: dict[str, Path]) -> None:
    """One without relaxed SIMD refuses them as it refuses any instruction that it does not know."""
    page.context.route("**/kernels-fused.wasm", lambda route: route.fulfill(body=b"\0asm\1\0\0\0unknown"))
    visit(page, server)
    assert opened(page, "random photo")["place"] == "browser"
    torch.manual_seed(3)
    zs = torch.randn(4, inputs_of(models["random photo"]))
    wanted = pytorchs(models["random photo"], zs)
    assert furthest(decoded(page, zs, wanted.shape), wanted) <= 1


def test_server_decodes_without_webassembly(page: Page, server: Server) -> None:
    page.context.route(
        "**/worker.mjs",
        lambda route: route.fulfill(
            content_type="text/javascript",
            body="delete self.WebAssembly;\n" + (PACKAGE / "web/engine/worker.mjs").read_text(),
        ),
    )
    visit(page, server)
    assert opened(page, "random digits")["place"] == "server"


def test_server_takes_over_from_a_broken_worker(page: Page, server: Server, models: dict[str, Path]) -> None:
    visit(page, server)
    assert opened(page, "random digits")["place"] == "browser"
    page.evaluate("workers[0].dispatchEvent(new ErrorEvent('error', {message: 'broke', cancelable: true}))")
    page.context.route("**/worker.mjs", lambda route: route.abort())
    wanted = pytorchs(models["random digits"], torch.ones(1, 2))
    assert furthest(decoded(page, torch.ones(1, 2), wanted.shape), wanted) == 0
    assert page.evaluate("[decoder.place, errors]") == ["server", []]


@pytest.mark.parametrize("query", ["", "?server"])
def test_unknown_model_is_refused(page: Page, server: Server, query: str) -> None:
    visit(page, server, query)
    words = page.evaluate("LiveDecoder.open('nobody').then(() => 'opened', error => error.message)")
    assert "nobody.safetensors answered 404" in words


def test_two_workers_share_all_models(page: Page, server: Server) -> None:
    """Each has the kernels once, and each model lies in one of them. A machine with one core has one worker."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, server)
    for name in ("random digits", "random photo", "random digits", "random photo"):
        opened(page, name)
    workers = page.evaluate("workers.length")
    assert workers == min(2, page.evaluate("navigator.hardwareConcurrency"))
    assert len([url for url in asked if url.endswith("kernels-fused.wasm")]) == workers
    assert len([url for url in asked if "random%20digits" in url]) == 1
    assert all(url.startswith((f"{server.address}{PREFIX}/", "data:")) for url in asked)


@pytest.mark.parametrize("query", ["", "?server"])
def test_newest_wins(page: Page, server: Server, models: dict[str, Path], query: str) -> None:
    visit(page, server, query)
    opened(page, "random photo")
    paints = page.evaluate("""async () => {
      const paints = []; let frame = 0, last;
      const count = () => { frame++; requestAnimationFrame(count); };
      requestAnimationFrame(count);
      for (let i = 0; i < 300; i++) {
        const z = new Float32Array(64).fill(i / 300);
        decoder.show(z, planes => { paints.push([i, frame]); last = text(planes); });
        if (i % 10 === 0) await new Promise(r => setTimeout(r, 1));
      }
      await until(() => paints.at(-1)?.[0] === 299);
      await new Promise(r => setTimeout(r, 200));
      return {order: paints.map(p => p[0]), frames: paints.map(p => p[1]), last};
    }""")
    order, frames = paints["order"], paints["frames"]
    assert order[-1] == 299
    assert order == sorted(order)  # nothing stale after something newer
    assert 1 < len(order) < 100  # most were overtaken
    assert len(set(frames)) >= len(frames) - 1  # one a frame (the first may come before the count has begun)
    wanted = pytorchs(models["random photo"], torch.full((1, 64), 299 / 300))
    assert furthest(np.frombuffer(base64.b64decode(paints["last"]), np.uint8), wanted.ravel()) <= 1


def test_show_is_swift_while_a_batch_is_under_way(page: Page, server: Server) -> None:
    visit(page, server)
    opened(page, "random photo")
    seen = page.evaluate("""async () => {
      let parts = 0, painted = 0;
      const n = 400, done = decoder.batch(new Float32Array(64 * n), n, (planes, first, count) => { parts++; });
      await until(() => parts > 2);
      const before = parts;
      for (let i = 0; i < 5; i++) {
        await new Promise(resolve => decoder.show(new Float32Array(64), () => { painted++; resolve(); }));
      }
      const during = parts;
      await done;
      return {painted, between: during - before, after: parts - during};
    }""")
    assert seen["painted"] == 5
    assert seen["between"] < seen["after"] / 8  # in their turn they would come after the batch


def test_batch_can_be_stopped(page: Page, server: Server) -> None:
    visit(page, server)
    opened(page, "random photo")
    words, first = page.evaluate("""async () => {
      const stop = new AbortController(); let firsts = [];
      const done = decoder.batch(new Float32Array(64 * 400), 400,
        (planes, first) => { firsts.push(first); stop.abort(); }, stop.signal);
      return [await done.then(() => 'done', error => error.name), firsts];
    }""")
    assert (words, first) == ("AbortError", [0])


def test_browser_goes_on_without_its_server(page: Page, server: Server, models: dict[str, Path]) -> None:
    visit(page, server)
    opened(page, "random digits")
    server.stop()
    try:
        shown = page.evaluate("shown([0.5, -1])")
    finally:
        server.start()
    wanted = pytorchs(models["random digits"], torch.tensor([[0.5, -1.0]]))
    assert furthest(np.frombuffer(base64.b64decode(shown), np.uint8), wanted.ravel()) <= 1
    assert page.evaluate("errors") == []


def test_lost_server_is_told_and_found_again(page: Page, server: Server, models: dict[str, Path]) -> None:
    visit(page, server, "?server")
    opened(page, "random digits")
    page.evaluate("shown([0, 0])")
    server.stop()
    try:
        page.evaluate("() => { window.old = shown([9, 9]); window.promise = shown([0.5, -1]); }")
        page.wait_for_function("errors.length > 0")
        page.evaluate("() => { window.promise = shown([-0.5, 1]); }")  # what is asked meanwhile counts
    finally:
        server.start()
    shown = page.evaluate("promise")
    wanted = pytorchs(models["random digits"], torch.tensor([[-0.5, 1.0]]))
    assert furthest(np.frombuffer(base64.b64decode(shown), np.uint8), wanted.ravel()) == 0
    assert page.evaluate("errors.at(-1)") is None
    assert page.evaluate("errors.filter(e => e === null).length") == 1


def test_opening_waits_for_a_server_that_comes_back(page: Page, server: Server) -> None:
    visit(page, server)
    server.stop()
    try:
        page.evaluate("() => { window.promise = openLive('random digits'); }")
        page.wait_for_function("window.errors?.length > 0")
    finally:
        server.start()
    assert page.evaluate("promise")["place"] == "browser"
    assert page.evaluate("errors.at(-1)") is None


def test_refused_z_is_told_and_the_next_is_painted(page: Page, server: Server) -> None:
    visit(page, server, "?server")
    opened(page, "random digits")
    page.evaluate("decoder.show([1000, 0], () => {})")
    page.wait_for_function("errors.length === 1")
    assert "422" in page.evaluate("errors[0]")
    assert page.evaluate("shown([0, 0])")


@pytest.mark.parametrize(
    ("z", "words"),
    [
        ("[1]", "1 numbers given; 2 expected"),
        ("[1, 2, 3]", "3 numbers given; 2 expected"),
        ("[1, NaN]", "not finite"),
        ("[1, Infinity]", "not finite"),
    ],
)
def test_bad_z_is_an_error_of_the_caller(page: Page, server: Server, z: str, words: str) -> None:
    visit(page, server)
    opened(page, "random digits")
    said = page.evaluate(f"() => {{ try {{ decoder.show({z}, () => {{}}); }} catch (e) {{ return e.message; }} }}")
    assert words in said


def test_truncated_model_file_falls_back(page: Page, server: Server, models: dict[str, Path]) -> None:
    page.context.route(
        "**/live/models/**", lambda route: route.fulfill(body=browser_file(models["random digits"])[:-1000])
    )
    visit(page, server)
    assert opened(page, "random digits")["place"] == "server"  # whose own file is whole


def test_digits_are_painted_crisply_in_ink_on_paper(page: Page, server: Server) -> None:
    visit(page, server)
    seen = page.evaluate("""() => {
      const canvas = document.querySelector('canvas');
      const painter = new Painter(canvas, [1, 28, 28], {columns: 2, ink: 'var(--ink)', paper: 'var(--paper)'});
      const planes = new Uint8Array(784); planes[0] = 255; planes[1] = 51;
      painter.draw(planes, 1);
      const at = (x, y) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data];
      const light = [at(28, 0), at(29, 0), at(30, 0)];
      document.documentElement.style.setProperty('--ink', '#ff0000');
      painter.recolor(); painter.draw(planes);
      return {light, dark: at(0, 0), scale: painter.fit(300), width: canvas.clientWidth,
              rendering: getComputedStyle(canvas).imageRendering};
    }""")
    assert seen == {
        "light": [[10, 20, 30, 255], [206, 208, 210, 255], [255, 255, 255, 255]],
        "dark": [255, 0, 0, 255],
        "scale": 5,
        "width": 280,
        "rendering": "pixelated",
    }


def test_photos_are_painted_smoothly_in_color(page: Page, server: Server) -> None:
    visit(page, server)
    seen = page.evaluate("""() => {
      const canvas = document.querySelector('canvas'), painter = new Painter(canvas, [3, 64, 64]);
      const planes = new Uint8Array(2 * 3 * 4096).fill(7);
      planes[5] = 200; planes[4096 + 5] = 100; planes[8192 + 5] = 50;
      painter.draw(planes.subarray(0, 3 * 4096));
      return [[...canvas.getContext('2d').getImageData(5, 0, 1, 1).data], getComputedStyle(canvas).imageRendering];
    }""")
    assert seen == [[200, 100, 50, 255], "auto"]


@pytest.mark.parametrize(
    ("shape", "crisp", "rendering"), [([1, 64, 64], True, "pixelated"), ([1, 28, 28], False, "auto")]
)
def test_edges_are_as_the_caller_wants_them(
    page: Page, server: Server, shape: list[int], crisp: bool, rendering: str
) -> None:
    visit(page, server)
    assert (
        page.evaluate(
            """([shape, crisp]) => {
      const canvas = document.querySelector('canvas');
      new Painter(canvas, shape, {crisp});
      return getComputedStyle(canvas).imageRendering;
    }""",
            [shape, crisp],
        )
        == rendering
    )
