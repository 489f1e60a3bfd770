"""Ten labels in a real browser: what a visitor says is handed on, and Python says the same of the same labels.

The models have random weights here: what the shipped ones are worth is in tests/unit/test_few_labels.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from folds import changed, ink, kept, opened
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, Route, expect
from safetensors.numpy import load
from server_thread import Server
from torch import Tensor

from vaedemo import zoo
from vaedemo.latents import draw
from vaedemo.models.label_spreading import neighbour_graph, spread
from vaedemo.models.semisupervised import M2

WAIT_MS = 150_000
DIGITS, SIDE = 2_000, 28
ONE_OF_EACH = ",".join(str(11 * label) for label in range(10))  # digit `label`, labelled as what it is


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """One page for all tests, in their order, opened by a link that holds ten labels."""
    query = f"?tab=learn&open=ten-labels&learn.ten-labels.labels={ONE_OF_EACH}"
    for page in opened(chromium, server, 1280, 900, query=query, ready="#tab-learn .vd-learn"):
        page.set_default_timeout(WAIT_MS)
        expect(page.locator("#tab-learn .ten-labels[data-told='3']")).to_be_visible(timeout=WAIT_MS)
        yield page


def part(page: Page, name: str) -> Locator:
    return page.locator(f'#tab-learn .ten-labels [data-part="{name}"]')


def act(page: Page, name: str) -> Locator:
    return page.locator(f'#tab-learn .ten-labels [data-act="{name}"]')


def answered(page: Page, labels: int) -> None:
    """Waits until the table and the map tell of so many labels."""
    expect(page.locator(f"#tab-learn .ten-labels[data-answered='{labels}']")).to_have_count(1)


def said(page: Page, key: str) -> float:
    """The share of wrong labels that a cell of the table tells, in per cent."""
    return float((part(page, key).text_content() or "").removesuffix(" %"))


def in_python(labels: dict[int, int]) -> float:
    """The same share by PyTorch, as the Code of the page does it."""
    y = torch.arange(DIGITS) % 10
    z = torch.from_numpy(draw(DIGITS, 8)).half().float()
    with torch.no_grad():
        x = zoo.loaded("digits-cvae").decode(torch.cat([z, torch.eye(10)[y]], 1)).sigmoid()
        codes: Tensor = zoo.loaded("digits").encode(x).mean
    known, said = torch.tensor(list(labels)), torch.tensor(list(labels.values()))
    answers = spread(neighbour_graph(codes, 5), known, said, 10).argmax(1)
    others = torch.ones(DIGITS, dtype=torch.bool).index_fill(0, known, False)
    return 100 * float((answers != y)[others].float().mean())


def test_ten_labels_of_a_link_are_handed_on_as_python_does_it(page: Page) -> None:
    expect(part(page, "words")).to_contain_text("10 of 2,000 digits have labels. Each digit has been seen.")
    assert said(page, "codes-spread") == pytest.approx(in_python({label: label for label in range(10)}), abs=1)


def test_the_code_is_of_these_labels(page: Page) -> None:
    act(page, "code").click()
    code = page.locator("dialog[open] pre")
    expect(code).to_contain_text("known = torch.tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], dtype=torch.long)")
    printed: list[float] = []
    exec(compile(code.text_content() or "", "code", "exec"), {"print": lambda share: printed.append(float(share))})
    assert 100 * printed[0] == pytest.approx(in_python({label: label for label in range(10)}), abs=1e-3)
    page.keyboard.press("Escape")


def test_a_click_asks_what_the_digit_is_and_a_wrong_answer_counts(page: Page) -> None:
    act(page, "clear").click()
    expect(part(page, "codes-spread")).to_have_text("–")
    plane = part(page, "plane")
    box = plane.bounding_box()
    assert box
    plane.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(part(page, "words")).to_have_text("What is it?")
    page.locator('#tab-learn .ten-labels [data-act="say"]').first.click()
    (text,) = kept(page)["learn.ten-labels.labels"]
    point, label = divmod(int(text), 10)
    assert label == 0
    asked = point % 10
    if asked:
        expect(part(page, "words")).to_have_text(
            f"The decoder was asked for a {asked}. Your 0 counts, and is handed on."
        )
    answered(page, 1)
    expect(part(page, "asked")).to_be_hidden()
    assert said(page, "codes-spread") >= 85  # one label is one answer for all


def next_dot(places: NDArray, point: int, way: tuple[int, int]) -> int:
    """The dot nearest in a direction, a step aside counting double; `point` itself where none lies within the cone."""
    apart = places - places[point]
    ahead, aside = apart @ np.array(way), abs(apart @ np.array([way[1], -way[0]]))
    cost = np.where((ahead > 0) & (aside <= 2 * ahead), ahead + 2 * aside, np.inf)
    return int(cost.argmin()) if np.isfinite(cost).any() else point


def test_keys_go_from_dot_to_dot_and_label_them(page: Page, server: Server) -> None:
    codes = load(page.request.get(f"{server.address}/live/learn/digits").body())["plane"]
    across = torch.special.ndtr(torch.from_numpy(codes).double()).numpy()
    places = np.stack([across[:, 0], 1 - across[:, 1]], 1)
    (text,) = kept(page)["learn.ten-labels.labels"]
    begun = point = int(text) // 10
    ways = {"ArrowRight": (1, 0), "ArrowUp": (0, -1), "ArrowLeft": (-1, 0), "ArrowDown": (0, 1)}
    reached = set[int]()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft"):
        part(page, "plane").press(key)
        point = next_dot(places, point, ways[key])
        reached.add(point)
    assert len(reached) > 2
    assert point != begun
    expect(part(page, "words")).to_have_text("What is it?")
    part(page, "plane").press("4")
    answered(page, 2)
    assert kept(page)["learn.ten-labels.labels"] == [f"{text},{10 * point + 4}"]
    act(page, "next").click()
    expect(part(page, "words")).to_have_text("What is it?")
    part(page, "plane").press("7")
    answered(page, 3)
    after = next(one for one in range(point + 1, point + 3) if one != begun)
    assert kept(page)["learn.ten-labels.labels"] == [f"{text},{10 * point + 4},{10 * after + 7}"]


def test_the_most_unsure_is_another_each_time(page: Page) -> None:
    for labels in (4, 5):
        answered(page, labels - 1)
        act(page, "unsure").click()
        expect(part(page, "asked")).to_be_visible()
        page.locator('#tab-learn .ten-labels [data-act="say"]').nth(labels).click()
        answered(page, labels)
    (text,) = kept(page)["learn.ten-labels.labels"]
    assert len({int(one) // 10 for one in text.split(",")}) == 5


def test_ten_are_one_of_each_and_the_next_ten_double_them(page: Page) -> None:
    act(page, "clear").click()
    for count in (10, 20):
        act(page, "ten").click()
        (text,) = kept(page)["learn.ten-labels.labels"]
        labels = [int(one) for one in text.split(",")]
        assert sorted(label % 10 for label in labels) == sorted(list(range(10)) * (count // 10))
        assert all(label // 10 % 10 == label % 10 for label in labels)  # labelled as what they were asked to be
    expect(part(page, "count")).to_have_text("20")


def test_a_cell_chooses_the_way_that_colors_the_map(page: Page) -> None:
    cell = act(page, "by").first
    expect(part(page, "way-words")).to_have_text("32 latents, labels handed on")
    cell.click()
    expect(cell).to_have_attribute("aria-pressed", "true")
    expect(part(page, "way-words")).to_have_text("784 pixels, the nearest label")
    assert kept(page)["learn.ten-labels.by"] == ["pixels-nearest"]


def test_random_choices_are_tried_one_by_one(page: Page) -> None:
    page.locator("#tab-learn .ten-labels").scroll_into_view_if_needed()
    page.wait_for_function("Number(document.querySelector('#tab-learn .ten-labels').dataset.tried) >= 3")
    act(page, "clear").click()
    for key in ("codes-spread-tried", "pixels-nearest-tried"):
        expect(part(page, key)).to_have_text(re.compile(r"^\d+\.\d ± \d+\.\d %$"))
    part(page, "draw").select_option("any")
    assert kept(page)["learn.ten-labels.draw"] == ["any"]


def test_the_table_has_a_row_for_each_model_that_is_here(page: Page) -> None:
    """Bundles of tests are not measured, so that figures are added to what the server says, and one model is taken."""
    figures = {"error_100": 0.0612, "error_100_sd": 0.005, "error_1000": 0.04, "error_1000_sd": 0.0021}

    def measured(route: Route) -> None:
        answer = route.fetch()
        known = answer.json()
        assert list(known) == ["digits-m1", "digits-m2", "digits-m1m2"]
        known["digits-m1"] |= {**figures, "pixel_error_100": 0.2513}
        known["digits-m2"] |= {**figures, "error_100": 0.13}
        route.fulfill(response=answer, json={**known, "digits-m1m2": None})

    page.route("**/live/learn/errors", measured, times=1)
    page.get_by_role("button", name=re.compile("^M1, M2, and both")).click()
    fold = page.locator("#fold-learn-few-labels-table")
    expect(fold.locator("tbody tr")).to_have_count(3)
    assert [row.locator("th, td").all_text_contents() for row in fold.locator("tr").all()] == [
        ["", "100 labels", "1,000 labels"],
        ["Pixelsa classifier on them", "25.1 %", "–"],
        ["M1a classifier on codes", "6.1 ± 0.5 %", "4.0 ± 0.2 %"],
        ["M2the label is a latent", "13.0 ± 0.5 %paper 11.97 %", "4.0 ± 0.2 %paper 3.60 %"],
    ]
    words = fold.locator('[data-part="words"]')
    expect(words).to_contain_text("With 100 labels, M1 (6.1 %) errs least, then M2 (13.0 %).")
    expect(words).to_contain_text("digits-m1m2 can be trained, but is not here.")


def drawn(name: str, z: list[float]) -> NDArray:
    """What PyTorch draws of a style under the ten labels, (10, 28, 28) as bytes."""
    model = zoo.loaded_net(name)
    assert isinstance(model, M2)
    with torch.no_grad():
        told = model.mean(model.generator.decode(torch.tensor([z]).expand(10, -1), torch.eye(10)))
        x = told if name == "digits-m2" else zoo.loaded("digits").decode(told).sigmoid()
    return (255 * x.numpy()).reshape(10, SIDE, SIDE)


@pytest.mark.parametrize("name", ["digits-m2", "digits-m1m2"])
def test_a_style_is_drawn_under_every_label_and_follows_the_hand(page: Page, name: str) -> None:
    fold = page.locator("#fold-learn-styles")
    if not fold.locator(".vd-section").is_visible():
        fold.locator("button").first.click()
    fold.locator('[data-part="model"]').select_option(name)
    expect(fold.locator(f".styles[data-drawn='{name}']")).to_have_count(1, timeout=WAIT_MS)
    canvas = fold.locator(".vd-sheet canvas")
    before = ink(canvas)
    fold.locator('[data-act="dice"]').click()
    changed(canvas, before)
    slider = fold.locator(".vd-slider input").first
    slider.press("Shift+ArrowRight")
    state = kept(page)
    assert state["learn.styles.model"] == [name]
    z = [float(value) for value in state["learn.styles.z"][0].split(",")]
    wanted = drawn(name, z)
    for _ in range(50):
        sheet = np.array(ink(canvas).split(","), int).reshape(10, SIDE, 11, SIDE, 4)[..., 0]
        row = sheet[int(state["learn.styles.row"][0]), :, 1:].swapaxes(0, 1)
        if np.abs(row - wanted).max() <= 2.5:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the row is not what PyTorch draws")
