"""The page behind a proxy that serves it below a path, which it takes off, and lets no more than a megabyte through."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from io import BytesIO

import httpx
import numpy as np
import pytest
from gradio_client import Client
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page
from server_thread import Server
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from vaedemo import colorize

PREFIX = "/lecture/vae"
MOST = 1_000_000  # bytes of a body: nginx's default
HOPS = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}
FIRST = 'canvas[data-part="digit"][data-drawn="browser"]'


def proxy(server: Server, told: dict[str, str]) -> Starlette:
    """Passes on what is asked below PREFIX, without it; told: the headers by which it tells where it stands."""

    async def pass_on(request: Request) -> Response:
        body = await request.body()
        if len(body) > MOST:
            return PlainTextResponse("<html>413 Request Entity Too Large</html>", 413)
        client = httpx.AsyncClient(base_url=server.address, timeout=60)
        headers = {name: value for name, value in request.headers.items() if name not in HOPS} | told
        path = request.url.path.removeprefix(PREFIX)
        asked = client.build_request(request.method, path, params=request.query_params, headers=headers, content=body)
        answer = await client.send(asked, stream=True)
        kept = {name: value for name, value in answer.headers.items() if name not in HOPS}
        return StreamingResponse(answer.aiter_raw(), answer.status_code, kept, background=BackgroundTask(client.aclose))

    return Starlette(routes=[Route(f"{PREFIX}/{{rest:path}}", pass_on, methods=["GET", "POST", "HEAD"])])


@pytest.mark.parametrize(
    "told",
    [{}, {"x-forwarded-host": "lecture.example", "x-forwarded-proto": "https", "x-forwarded-prefix": PREFIX}],
    ids=["silent", "forwarded"],
)
def test_the_page_is_whole_below_a_path(
    chromium: Browser, server: Server, serve: Callable[[ASGIApp], Server], told: dict[str, str]
) -> None:
    outside = serve(proxy(server, told))
    page = chromium.new_page()
    faults: list[str] = []
    page.on("response", lambda answer: faults.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    page.on("requestfailed", lambda request: faults.append(f"failed {request.url}"))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.on("request", lambda one: faults.append(f"beside it: {one.url}") if not below(outside, one.url) else None)
    page.goto(f"{outside.address}{PREFIX}/?tab=sample")
    page.wait_for_selector(FIRST)
    page.wait_for_function(
        "getComputedStyle(document.querySelector('.gradio-container')).getPropertyValue('--primary-500')"
    )
    page.close()
    assert not faults


def below(outside: Server, address: str) -> bool:
    return address.startswith((f"{outside.address}{PREFIX}/", "data:", "blob:"))


@pytest.fixture(scope="module")
def colored(chromium: Browser, server: Server, serve: Callable[[ASGIApp], Server]) -> Iterator[Page]:
    """Colorization behind the proxy, with its first photo colored."""
    outside = serve(proxy(server, {}))
    page = chromium.new_page()
    with page.expect_response(re.compile("/live/colors/")):
        page.goto(f"{outside.address}{PREFIX}/?tab=colorization")
    yield page
    page.close()


def large(orientation: int = 1) -> bytes:
    """A JPEG of 12 megapixels with a camera's grain, red in its stored upper left corner."""
    dice = np.random.default_rng(0)
    small = Image.fromarray(dice.integers(60, 200, (6, 8, 3), np.uint8)).resize(
        (4_000, 3_000), Image.Resampling.BICUBIC
    )
    pixels = np.clip(np.asarray(small) + dice.normal(0, 12, (3_000, 4_000, 3)), 0, 255).astype(np.uint8)
    pixels[:600, :600] = (220, 20, 20)
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=94, exif=exif)
    return file.getvalue()


SENDABLE = """async ([text, type]) => {
  const {sendable} = await import(new URL('vaedemo/web/page/photo-file.mjs', document.baseURI).href);
  const file = new File([Uint8Array.from(atob(text), letter => letter.charCodeAt(0))], 'given', {type});
  const sent = new Uint8Array(await (await sendable(file)).arrayBuffer());
  let all = '';
  for (let i = 0; i < sent.length; i += 9_999) all += String.fromCharCode(...sent.subarray(i, i + 9_999));
  return btoa(all);
}"""


def sent(page: Page, file: bytes, kind: str) -> bytes:
    return base64.b64decode(page.evaluate(SENDABLE, [base64.b64encode(file).decode(), kind]))


def test_a_large_photo_passes_upright(colored: Page) -> None:
    file = large(orientation=6)  # turned by 90 degrees clockwise to be seen
    assert len(file) > 5 * MOST
    reduced = sent(colored, file, "image/jpeg")
    assert len(reduced) < MOST
    with Image.open(BytesIO(reduced)) as image:
        assert image.size == (1_536, 2_048)
        assert image.getexif().get(0x0112, 1) == 1
        assert np.abs(np.subtract(image.getpixel((1_400, 100)), (220, 20, 20))).max() < 12  # type: ignore[arg-type]
    photo: FilePayload = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": file}
    with colored.expect_response(re.compile("/live/photo$")) as answer:
        colored.locator("#tab-colorization input[type=file]").first.set_input_files(files=[photo])
    assert answer.value.status == 200
    assert (answer.value.json()["width"], answer.value.json()["height"]) == (1_536, 2_048)


def test_what_is_clear_becomes_white_and_small_or_unread_files_go_as_they_are(colored: Page) -> None:
    clear = np.random.default_rng(1).integers(0, 256, (700, 600, 4), np.uint8)
    clear[:200, :, 3] = 0
    file = BytesIO()
    Image.fromarray(clear, "RGBA").save(file, "PNG")
    with Image.open(BytesIO(sent(colored, file.getvalue(), "image/png"))) as image:
        assert np.asarray(image)[20:180].min() > 240
    small = BytesIO()
    Image.new("L", (30, 20), 90).save(small, "PNG")
    with Image.open(BytesIO(sent(colored, small.getvalue(), "image/heic"))) as image:  # what this browser reads
        assert (image.format, image.size) == ("JPEG", (30, 20))
    for file, kind in ((small.getvalue(), "image/png"), (bytes(2 * MOST), "image/heic")):
        assert sent(colored, file, kind) == file


def test_a_file_that_does_not_pass_is_named_so(colored: Page) -> None:
    photo: FilePayload = {"name": "photo.heic", "mimeType": "image/heic", "buffer": bytes(2 * MOST)}
    colored.locator("#tab-colorization input[type=file]").first.set_input_files(files=[photo])
    trouble = colored.locator(
        "#tab-colorization .vd-trouble", has_text="The file is too large for the way to the server."
    )
    trouble.first.wait_for()


FULL = """async ([text, field]) => {
  const lib = new URL('vaedemo/app/tabs/colorization/lib/', document.baseURI).href;
  const {fullSize} = await import(lib + 'requests.mjs');
  const {fieldOf} = await import(lib + 'color-field-painter.mjs');
  const blob = new File([Uint8Array.from(atob(text), letter => letter.charCodeAt(0))], 'given', {type: 'image/jpeg'});
  const sent = new Uint8Array(await (await fullSize({blob}, fieldOf(Uint8Array.from(field)))).arrayBuffer());
  let all = '';
  for (let i = 0; i < sent.length; i += 9_999) all += String.fromCharCode(...sent.subarray(i, i + 9_999));
  return btoa(all);
}"""


def test_a_large_photo_is_colored_here_as_in_python(colored: Page) -> None:
    file, field = large(), np.random.default_rng(2).integers(90, 170, (1, 2, 32, 32), np.uint8)
    told = [base64.b64encode(file).decode(), field.flatten().tolist()]
    with Image.open(BytesIO(base64.b64decode(colored.evaluate(FULL, told)))) as image:
        mine = np.asarray(image).astype(int)
    (wanted,) = colorize.jpegs(colorize.photo(file).light, field)
    theirs = np.asarray(Image.open(BytesIO(wanted))).astype(int)
    assert mine.shape == theirs.shape == (3_000, 4_000, 3)
    assert np.abs(mine - theirs).mean() < 2


def test_the_api_answers_below_a_path(server: Server, serve: Callable[[ASGIApp], Server]) -> None:
    outside = serve(proxy(server, {}))
    client = Client(f"{outside.address}{PREFIX}/", verbose=False)
    assert len(client.predict("digits-2d", 2, api_name="/sample")["pictures"]) == 2
