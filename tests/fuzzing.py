"""Seeded nonsense for the server: calls of its raw routes and named endpoints, and what is wrong with its answers.

Call k of a seed is always the same, so that a fault can be met again. Each begins as a call that may well be answered,
for what is refused at once reaches no model; then, most of the time, something of it is spoiled.
"""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, get_args
from urllib.parse import quote

import httpx
import numpy as np
from PIL import Image, ImageDraw

from vaedemo.app.server import endpoints
from vaedemo.app.server.routes import all_routes
from vaedemo.app.tab import Endpoint, Route, Upload
from vaedemo.app.tabs import tabs
from vaedemo.app.widgets import PACKAGE
from vaedemo.colorize import FIELD, GREY
from vaedemo.forecast import NUMBERS, SHOWN, STILL
from vaedemo.recipes import KNOWN

HANGS = 30.0  # seconds after which an answer counts as none
SPOILED = 0.7  # of the calls
FACE = 3 * 64 * 64  # bytes
ODD_NAMES = ("nobody", "../digits", "digits.json", "a" * 300, "%00", "δοκιμή", " ", "digits\n")
WHOLES = (0, 1, 2, 3, 7, -1, 64, 65, 1_024, 1_025, 2**31, 2**32, 2**63, 10**30)
ODD_WORDS = ("", "nan", "inf", "-inf", "1e400", "0x10", "1.5", "½", "true", "null", "x" * 5_000, "1,2", "\x00", "٣")
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, "", "2", "x" * 5_000, [], [[]], {}, {"a": 1}, [None], ["1"], -1, 0.5, 10**30, 1e308),
    *([float("nan")], [[1, 2], [3]], [[[[1]]]], [1e39, 0], {"path": "/etc/passwd"}, "\ud800"),
)

Dice = np.random.Generator


@dataclass
class Call:
    """A request. `api`: of a named endpoint, which is asked for its answer afterwards."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    api: bool = False

    def __str__(self) -> str:
        query = {key: value[:60] for key, value in self.query.items()}
        return f"{self.method} {self.path[:120]} {query} {len(self.body):,} bytes {self.body[:160]!r}"


# --- what a sensible visitor sends ------------------------------------------------------------------------------------


def one_of(dice: Dice, choices: Iterable[Any]) -> Any:
    known = list(choices)
    return known[int(dice.integers(len(known)))]


def picture(dice: Dice) -> bytes:
    """A drawing, a portrait that ships, or noise, in one of several kinds of file."""
    kind = dice.integers(4)
    if kind == 0:
        return (PACKAGE / f"web/examples/average_{dice.integers(1, 11)}.jpg").read_bytes()
    size = int(dice.integers(1, 400)), int(dice.integers(1, 400))
    mode = one_of(dice, ("L", "RGB", "RGBA", "1", "P", "I;16", "CMYK"))
    image = Image.new("L", size, 255)
    if kind == 1:
        image = Image.fromarray(dice.integers(0, 256, size[::-1], np.uint8))
    else:
        ImageDraw.Draw(image).line([tuple(place) for place in (dice.random((4, 2)) * size)], 0, 9)
    formats = {"CMYK": ("JPEG", "TIFF"), "RGB": ("PNG", "JPEG", "WEBP", "BMP", "GIF"), "L": ("PNG", "JPEG", "TIFF")}
    file = BytesIO()
    image.convert(mode).save(file, one_of(dice, formats.get(mode, ("PNG",))))
    return file.getvalue()


def floats(dice: Dice, n: int) -> bytes:
    return dice.normal(0, 2, n).astype("<f4").tobytes()


def some_bytes(dice: Dice, n: int) -> bytes:
    return dice.integers(0, 256, n, np.uint8).tobytes()


def width_of(name: str) -> int:
    """About as many numbers as the model's decoder takes."""
    net = KNOWN[name].net if name in KNOWN else {}
    return int(net.get("z", 2)) + len(net.get("attributes", ())) + (10 if "cvae" in name and "digits" in name else 0)


def fitted(dice: Dice, name: str) -> bytes:
    told = {"x": base64.b64encode(some_bytes(dice, FACE)).decode(), "y": None, "visible": None}
    return json.dumps({**told, "n": 1, "spread": False, "seed": 0}).encode()


def searched(dice: Dice, name: str) -> bytes:
    x = base64.b64encode(some_bytes(dice, FACE)).decode()
    return json.dumps({"x": x, "steps": int(dice.integers(1, 4)), "starts": 1, "seed": 0}).encode()


BODIES: dict[str, Callable[[Dice, str], bytes]] = {  # by the route's path; those of a photo or a grey need no row
    "decode/{name}": lambda dice, name: floats(dice, width_of(name) * int(dice.integers(1, 4))),
    "read/{name}": lambda dice, name: floats(dice, width_of(name)),
    "layers/{name}": lambda dice, name: floats(dice, width_of(name)),
    "score/{name}": lambda dice, name: bytes(784) + floats(dice, width_of(name)),
    "predict/{name}": lambda dice, name: floats(dice, 784 // 4),
    "fit/{name}": fitted,
    "vaegan/search": searched,
    "vaegan/errors": lambda dice, name: some_bytes(dice, 2 * FACE),
    "vaegan/looks": lambda dice, name: some_bytes(dice, FACE),
    "recolor/{name}": lambda dice, name: some_bytes(dice, GREY) + floats(dice, width_of(name)),
    "reconstruct/{name}": lambda dice, name: some_bytes(dice, GREY + FIELD),
    "full": lambda dice, name: some_bytes(dice, FIELD) + picture(dice),
    "gif": lambda dice, name: some_bytes(dice, 2 * 16 * 16),
    "motion/{name}/futures": lambda dice, name: some_bytes(dice, one_of(dice, (STILL, 3 * SHOWN**2))),
    "motion/{name}/tower": lambda dice, name: some_bytes(dice, one_of(dice, (STILL, 3 * SHOWN**2))),
    "motion/{name}/gif": lambda dice, name: some_bytes(dice, STILL + 3 * SHOWN**2),
    "motion/{name}/encode": lambda dice, name: some_bytes(dice, STILL) + floats(dice, NUMBERS),
}
QUERIES: dict[str, dict[str, str]] = {
    "gif": {"height": "16", "width": "16", "channels": "1"},
    "score/{name}": {"rows": "1"},
    "draw": {"n": "3", "z": "2", "seed": "0"},
    "object/{name}": {"row": "3", "column": "4", "n": "4"},
    "motion/scene": {"kind": "fork-3", "seed": "1"},
    "motion/{name}/futures": {"n": "2", "hints": "8,8,4,0"},
}
KEYS = ("n", "seed", "label", "binary", "rows", "z", "height", "width", "channels", "ms", "scale", "back", "tints")
KEYS = (*KEYS, "row", "column", "hints", "brief", "region", "eyes", "kind", "smile")
EYES = ("0.4,0.45,0.6,0.45", "0.4,0.4,0.4,0.4", "nan,0,0,0", "-1,2,3,4", "1e300,0,0,1e300", "0.4,0.5,0.6")
REGIONS = ("0.1,0.1,0.9,0.9", "0,0,1,1", "0,0,1e-9,1e-9", "nan,0,1,1", "1,1,0,0", "0.5")
HINTS = ("8,8,4,0", "0,0,0,0;15,15,1,1", "nan,1,1,1", "1e9,0,0,0", "8,8,1e300,0", ";", "1,1,1,1;" * 17)


def raw(dice: Dice, route: Route) -> Call:
    """A call of a raw route."""
    likely = [name for name in KNOWN if name.split("-")[0] in route.path] or list(KNOWN)
    name = one_of(dice, likely if dice.random() < 0.5 else KNOWN)
    path = route.path.replace("{name}", quote(name if dice.random() < 0.95 else one_of(dice, ODD_NAMES), safe=""))
    make = BODIES.get(route.path)
    body = b""
    if make:
        body = make(dice, name)
    elif "POST" in route.methods:
        body = picture(dice) if route.takes is Upload.PHOTO else some_bytes(dice, GREY)
    call = Call(route.methods[0], f"/live/{path}", dict(QUERIES.get(route.path, {})), body)
    if dice.random() < SPOILED:
        spoil(dice, call)
    return call


def spoil(dice: Dice, call: Call) -> None:
    """Something of a raw call becomes nonsense, or merely unusual."""
    if dice.random() < 0.6:
        key = one_of(dice, (*call.query, *KEYS))
        special = {"eyes": EYES, "region": REGIONS, "hints": HINTS}.get(key)
        call.query[key] = one_of(dice, special or (*map(str, WHOLES), *ODD_WORDS))
    elif call.query and dice.random() < 0.3:
        call.query.pop(one_of(dice, call.query))
    if call.body and dice.random() < 0.6:
        call.body = spoiled(dice, call.body)
    if dice.random() < 0.03:
        call.method = one_of(dice, ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"))
    if dice.random() < 0.03:
        call.path += one_of(dice, ("/", "/..", "/%2e%2e/etc", "x", "?", "//"))


def spoiled(dice: Dice, body: bytes) -> bytes:
    """A body that was cut, grew, was damaged or is another one."""
    kind, place = dice.integers(7), int(dice.integers(len(body)))
    if kind == 0:
        return body[:place]
    if kind == 1:
        return body + some_bytes(dice, int(dice.integers(1, 5_000)))
    if kind == 2:
        return body[:place] + some_bytes(dice, 8) + body[place + 8 :]
    if kind == 3:
        start, odd = place // 4 * 4, np.float32(one_of(dice, (np.nan, np.inf, 1e38)))
        return body[:start] + odd.tobytes() + body[start + 4 :]
    if kind == 4:
        return one_of(dice, (b"", b"\x00", b"null", b"[]", b"{}", b"[" * 9_999, b"\xff" * 99, b'{"x": 5}', b"<svg/>"))
    if kind == 5:
        return picture(dice)
    return body * 2


# --- named endpoints --------------------------------------------------------------------------------------------------


def all_endpoints() -> tuple[Endpoint, ...]:
    return (*endpoints.ENDPOINTS, *(endpoint for tab in tabs() for endpoint in tab.endpoints))


DRAWERS, ENCODERS = ("faces-cvae", "faces-sharp"), ("faces-vae", "faces-vae-dis", "faces-vae-gan")
MODELS = {"generate": DRAWERS, "progression": DRAWERS, "edit": DRAWERS, "reconstruct": ENCODERS, "blend": ENCODERS}


def sensible(dice: Dice, function: str, argument: inspect.Parameter, files: list[dict[str, Any]], name: str) -> Any:
    """A value that the argument may well have; of what takes long, a small one."""
    if argument.name == "model":
        return name
    if argument.name in ("image", "mask", "a", "b") and function not in ("interpolate",):
        return one_of(dice, files)
    if argument.name in ("z", "a", "b"):
        return dice.normal(0, 1, width_of(name)).tolist()
    small: dict[str, Any] = {"n": 2, "steps": 2, "starts": 1, "seed": 3, "dimension": 0, "strength": 0.5}
    small |= {"attribute": "Smiling", "attributes": {"Smiling": 1}, "expression": "smile", "label": 3, "temperature": 1}
    if argument.name in small:
        return small[argument.name]
    words = get_args(argument.annotation)
    if words and isinstance(words[0], str):
        return one_of(dice, words)
    return None if argument.default is inspect.Parameter.empty else argument.default


def named(dice: Dice, endpoint: Endpoint, files: list[dict[str, Any]]) -> Call:
    """A call of a named endpoint."""
    function = endpoint.function.__name__
    arguments = inspect.signature(endpoint.function).parameters.values()
    name = one_of(dice, MODELS.get(function, KNOWN))
    data: Any = [sensible(dice, function, argument, files, name) for argument in arguments]
    if dice.random() < SPOILED:
        place = int(dice.integers(len(data)))
        odd = (*ODD_VALUES, *WHOLES, *files, {**files[0], "path": "/etc/passwd"}, *ODD_NAMES)
        data[place] = one_of(dice, odd)
        if function == "invert" and isinstance(data[place], int):  # a whole search takes seconds
            data[place] = -1
    if dice.random() < 0.05:
        data = one_of(dice, (None, {}, 3, data[:-1], [*data, 1], data * 9))
    body = json.dumps({"data": data}).encode()
    if dice.random() < 0.03:
        body = spoiled(dice, body)
    return Call("POST", f"/gradio_api/call/{function}", {}, body, api=True)


def call(seed: int, number: int, files: list[dict[str, Any]]) -> Call:
    """Call `number` of a seed: routes and endpoints in turn, so that few calls meet all of them.

    files: what was uploaded to the server that is asked, as Gradio's JSON names it.
    """
    dice = np.random.default_rng([seed, number])
    routes, functions = all_routes(), all_endpoints()
    which = number % (len(routes) + len(functions))
    if which < len(routes):
        return raw(dice, routes[which])
    return named(dice, functions[which - len(routes)], files)


# --- the answers ------------------------------------------------------------------------------------------------------


async def answered(client: httpx.AsyncClient, call: Call) -> httpx.Response:
    headers = {"content-type": "application/json" if call.api else "application/octet-stream"}
    answer = await client.request(call.method, call.path, params=call.query or None, content=call.body, headers=headers)
    if not call.api or answer.status_code != 200:
        return answer
    return await client.get(f"{call.path}/{answer.json()['event_id']}")


def fault_in(answer: httpx.Response, method: str = "GET") -> str | None:
    """What is wrong with an answer to a request of this method; None: it may stand. 503 may, where we said so: a model
    is not here."""
    ours = answer.headers.get("x-vaedemo") == "1"
    if answer.status_code >= 500 and not (answer.status_code == 503 and ours):
        return f"{answer.status_code}: {answer.text[:300]}"
    if answer.headers.get("content-type", "").startswith(("text/", "application/json")) and "Traceback" in answer.text:
        return f"a traceback: {answer.text[:300]}"
    if (
        ours
        and answer.status_code >= 400
        and method != "HEAD"
        and (not answer.text.strip() or len(answer.text) > 1_000)
    ):
        return f"{answer.status_code} without a sentence: {answer.text[:300]!r}"
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        event, _, content = answer.text.partition("\n")
        if event == "event: error" and '"error": null' in content:
            return f"an error without a sentence: {answer.text[:300]}"
    return None


async def uploaded(client: httpx.AsyncClient, seed: int) -> list[dict[str, Any]]:
    """A few pictures on the server, as its endpoints take them."""
    dice = np.random.default_rng([seed, 2**32 - 1])
    portrait = (PACKAGE / "web/examples/average_6.jpg").read_bytes()
    bodies = [portrait, *(picture(dice) for _ in range(6)), b"no picture", b""]
    answer = await client.post("/gradio_api/upload", files=[("files", (f"{i}.png", b)) for i, b in enumerate(bodies)])
    return [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in answer.raise_for_status().json()]


async def faults(
    address: str, calls: Iterable[int], seed: int, at_once: int = 8
) -> tuple[list[str], tuple[float, str]]:
    """What is wrong with the answers to these calls, each with its number and the call; the longest wait in seconds and
    for which call."""
    found: list[str] = []
    slowest, waiting = (0.0, ""), iter(calls)
    async with httpx.AsyncClient(base_url=address, timeout=HANGS) as client:
        files = await uploaded(client, seed)

        async def one_after_another() -> None:
            nonlocal slowest
            for number in waiting:
                asked, start = call(seed, number, files), time.perf_counter()
                try:
                    wrong = fault_in(await answered(client, asked), asked.method)
                except httpx.InvalidURL:
                    wrong = None  # a client sends no such thing
                except Exception as error:
                    wrong = f"no answer: {error!r}"
                slowest = max(slowest, (time.perf_counter() - start, f"call {number}: {asked}"))
                if wrong:
                    found.append(f"call {number}: {asked}\n    {wrong}")

        await asyncio.gather(*(one_after_another() for _ in range(at_once)))
    return found, slowest
