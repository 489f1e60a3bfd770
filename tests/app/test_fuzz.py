"""The server on seeded nonsense: never a traceback, 5xx or silence. benchmarks/fuzz.py asks ten thousand calls."""

from __future__ import annotations

import asyncio
import itertools

import fuzzing
import httpx
import pytest
from PIL import Image

from vaedemo.app.widgets import PACKAGE
from vaedemo.models.eyes import Eyes
from vaedemo.recipes import KNOWN
from vaedemo.vision import face_alignment

CALLS = 200  # three or four of each route and endpoint


def test_nonsense_is_answered_in_a_sentence(address: str, capfd: pytest.CaptureFixture[str]) -> None:
    faults, _ = asyncio.run(fuzzing.faults(address, range(CALLS), seed=1))
    assert not faults, "\n".join(faults)
    assert "Traceback" not in capfd.readouterr().err


def test_whoever_leaves_arguments_out_is_told_how_many_there_are(
    address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async def answers() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            paths = [f"/gradio_api/call/{one.function.__name__}" for one in fuzzing.all_endpoints()]
            calls = [fuzzing.Call("POST", path, {}, b'{"data": []}', api=True) for path in paths]
            return [await fuzzing.answered(client, call) for call in calls]

    for answer in asyncio.run(answers()):
        assert "arguments are wanted, not 0" in answer.text
    assert "Traceback" not in capfd.readouterr().err


def test_every_net_takes_a_photo_or_says_why_not(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The face is looked for once: that takes most of a second, and is the same whichever net is asked."""
    look, found = face_alignment.upright, dict[bytes, face_alignment.Upright | None]()

    def once(image: Image.Image, net: Eyes) -> face_alignment.Upright | None:
        pixels = image.tobytes()
        if pixels not in found:
            found[pixels] = look(image, net)
        return found[pixels]

    monkeypatch.setattr(face_alignment, "upright", once)
    photo = (PACKAGE / "web/examples/average_6.jpg").read_bytes()
    with httpx.Client(base_url=address, timeout=60) as client:
        for route, name in itertools.product(("encode", "activations", "face"), KNOWN):
            answer = client.post(f"/live/{route}/{name}", content=photo)
            assert fuzzing.fault_in(answer) is None, f"{route}/{name}: {answer.text[:300]}"
    assert len(found) == 1


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (500, {}, "Internal Server Error"),
        (503, {}, "a proxy's own page"),
        (422, {"x-vaedemo": "1"}, ""),
        (404, {"x-vaedemo": "1"}, "unknown model " + "a" * 2_000),
        (200, {"content-type": "text/plain"}, "Traceback (most recent call last):"),
        (200, {"content-type": "text/event-stream"}, 'event: error\ndata: {"error": null}\n\n'),
    ],
)
def test_what_is_wrong_with_an_answer_is_seen(status: int, headers: dict[str, str], body: str) -> None:
    assert fuzzing.fault_in(httpx.Response(status, headers=headers, text=body))
    assert fuzzing.fault_in(httpx.Response(503, headers={"x-vaedemo": "1"}, text="The model is not here.")) is None
