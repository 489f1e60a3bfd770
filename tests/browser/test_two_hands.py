"""A second finger, or a palm beside a pen, changes nothing: a drag keeps to its pointer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page
from server_thread import Server

from vaedemo.app import create_app
from vaedemo.store.paths import weights_folder

pytestmark = pytest.mark.skipif(
    not (weights_folder() / "digits-2d" / "model.safetensors").exists(), reason="weights/digits-2d is not here"
)
PIXELS = "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"
STEPS = 6


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    server = Server(create_app())
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", has_touch=True)
    page = context.new_page()
    page.goto(f"{server.address}?sample.z=0,0")
    page.wait_for_selector("canvas[data-drawn]:visible")
    yield page
    context.close()
    server.stop()


def two_fingers(element: Locator, first: list[tuple[float, float]], second: list[tuple[float, float]]) -> None:
    """One lands, then the other; both move straight on, and the first is lifted first. In parts of the element."""
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    assert box
    session = element.page.context.new_cdp_session(element.page)

    def touch(kind: str, *fingers: tuple[int, tuple[float, float]]) -> None:
        points = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": i} for i, (x, y) in fingers
        ]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def on_the_way(line: list[tuple[float, float]], part: float) -> tuple[float, float]:
        (x, y), (to_x, to_y) = line
        return x + part * (to_x - x), y + part * (to_y - y)

    touch("touchStart", (0, first[0]))
    touch("touchStart", (0, first[0]), (1, second[0]))
    for step in range(1, STEPS + 1):
        part = step / STEPS
        touch("touchMove", (0, on_the_way(first, part)), (1, on_the_way(second, part)))
    touch("touchEnd", (1, second[1]))
    touch("touchMove", (1, (second[1][0], second[1][1] - 0.05)))
    touch("touchEnd")
    session.detach()


def test_the_dot_stays_under_the_first_finger(page: Page) -> None:
    place = page.locator("#tab-sample .vd-map").first
    two_fingers(place, [(0.5, 0.5), (0.8, 0.5)], [(0.2, 0.9), (0.1, 0.9)])
    box, dot = place.bounding_box(), place.locator(".dot").bounding_box()
    assert box
    assert dot
    x, y = dot["x"] + dot["width"] / 2 - box["x"], dot["y"] + dot["height"] / 2 - box["y"]
    assert (x / box["width"], y / box["height"]) == pytest.approx((0.8, 0.5), abs=0.02)


def test_the_next_drag_is_heard_again(page: Page) -> None:
    place = page.locator("#tab-sample .vd-map").first
    two_fingers(place, [(0.5, 0.5), (0.3, 0.3)], [(0.9, 0.9), (0.9, 0.8)])
    box, dot = place.bounding_box(), place.locator(".dot").bounding_box()
    assert box
    assert dot
    assert (dot["x"] + dot["width"] / 2 - box["x"]) / box["width"] == pytest.approx(0.3, abs=0.02)


def test_a_palm_draws_nothing(page: Page) -> None:
    """The last one: what is drawn is encoded, and the map makes room for it."""
    canvas = page.locator("#tab-sample .vd-pad canvas").first
    two_fingers(canvas, [(0.3, 0.2), (0.7, 0.2)], [(0.3, 0.9), (0.7, 0.9)])
    drawn = np.array(canvas.evaluate(PIXELS), np.uint8).reshape(280, 280, 4)[..., 0]
    assert drawn[56, int(0.3 * 280) : int(0.7 * 280)].min() == 255
    assert drawn[90:].max() == 0
