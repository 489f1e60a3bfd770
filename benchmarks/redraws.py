"""Redraws a second while a hand pulls a slider, for every model that a browser decodes, and for two whole tabs.

Run on a quiet machine:  python benchmarks/redraws.py [--json] [NAME ...]

Each model in weights/ gets a slider and a canvas of the page's own modules. `sliders_tab` is the tab as people meet
it: two sprites models under one hand; a frame counts when both pictures have changed. `expressions_tab` decodes a flow
and reads a photo of 512 pixels along it. Chromium shows 60 a second. Both tabs are pulled once more with `_at_4x`: the
page's own thread is made four times as slow. Workers are not, nor is the browser's own drawing: what a worker decodes
keeps its speed, and the flow of Expressions, decoded and read in the page, does not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from harness import Server, chromium
from playwright.async_api import CDPSession, Locator, Page
from safetensors import safe_open

from vaedemo.recipes import RECIPES
from vaedemo.store.paths import weights_folder

SECONDS, RATE = 3.0, 150  # the hand's moves a second, well above the display's rate
LEAST, AIM = 57, 60
SLOWER, LEAST_SLOWER, AIM_SLOWER = 4, 24, 40  # times as slow, as a phone is
# Of each tab: its label, its slider, and the canvases that all have to change.
TABS = {
    "sliders_tab": ("Sliders", ".vd-pull .vd-slider input", ".vd-pull .stage canvas"),
    "expressions_tab": (
        "Expressions",
        "#tab-expressions .vd-express [data-part=strength]",
        "#tab-expressions .vd-express canvas[data-drawn]",
    ),
}

# Notes in which frames which canvas was painted with other pixels than before.
WATCH = """
  const frames = new Map(), last = new Map();
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (image, ...rest) {
    put.call(this, image, ...rest);
    const pixels = new Uint32Array(image.data.buffer);
    const step = pixels.length > 65536 ? 7 : 1;  // of a photo some will do: else watching takes as long as drawing
    let hash = 7;
    for (let i = 0; i < pixels.length; i += step) hash = Math.imul(hash, 31) + pixels[i] | 0;
    if (last.get(this.canvas) !== hash) {
      if (!frames.has(this.canvas)) frames.set(this.canvas, new Set());
      frames.get(this.canvas).add(document.timeline.currentTime);
    }
    last.set(this.canvas, hash);
  };
  window.watched = selector => {
    const seen = [...document.querySelectorAll(selector)].map(canvas => frames.get(canvas) ?? new Set());
    const all = seen.reduce((a, b) => new Set([...a].filter(frame => b.has(frame))));
    frames.clear();
    return all.size;
  };
"""

MOUNT = """async name => {
  document.querySelector('#bench')?.remove();
  const place = Object.assign(document.createElement('div'), {id: 'bench'});
  place.style.cssText = 'position: fixed; inset: 0; z-index: 9; background: #fff; padding: 20px; width: 600px';
  place.innerHTML = '<canvas style="width: 256px"></canvas><div></div>';
  document.body.append(place);
  const at = path => import(document.baseURI + 'vaedemo/web/' + path);
  const [{LiveDecoder}, {Painter}, {SliderBank}] = await Promise.all(
    ['engine/live-decoder.mjs', 'ui/painter.mjs', 'ui/sliders.mjs'].map(at));
  const open = await LiveDecoder.open(name);
  const painter = new Painter(place.querySelector('canvas'), open.shape);
  const all = Array(open.inputs).fill(1);
  const bank = new SliderBank(place.querySelector('div'), {
    dimensions: [0], labels: [name], kl: all,
    // Every second latent goes along, so that a dead one under the hand cannot leave the picture as it was.
    onMove: ([value]) => open.show(all.map((_, d) => d % 2 ? 0.5 : value), planes => painter.draw(planes)),
  });
  bank.set(() => 0);
  await new Promise(resolve => setTimeout(resolve, 500));
}"""


async def main(names: list[str], as_json: bool) -> None:
    server = Server()
    figures: dict[str, float] = {}
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with chromium(Path(folder) / "net.json") as browser:
                context = await browser.new_context(viewport={"width": 1280, "height": 900})
                page = await context.new_page()
                await page.add_init_script(WATCH)
                await page.goto(server.address)
                await page.wait_for_selector("canvas[data-drawn]", timeout=60_000)
                session = await context.new_cdp_session(page)
                for name, (label, input_, canvases) in TABS.items():
                    if names and name not in names:
                        continue
                    await page.get_by_role("tab", name=label, exact=True).click()
                    await page.locator(canvases).first.wait_for(timeout=60_000)
                    slider = page.locator(input_).first
                    await slider.wait_for()
                    await page.wait_for_timeout(1_000)
                    figures[name] = await pull(page, session, slider, canvases)
                    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
                    figures[f"{name}_at_{SLOWER}x"] = await pull(page, session, slider, canvases)
                    await session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
                # A flow is no picture: its model is measured in its tab.
                pictures = [name for name, recipe in RECIPES.items() if recipe.data != "expressions"]
                models = [name for name in pictures if decoded_here(weights_folder() / name)]
                for name in [name for name in names if name not in TABS] if names else models:
                    await page.evaluate(MOUNT, name)
                    figures[name] = await pull(page, session, page.locator("#bench input"), "#bench canvas")
    finally:
        server.stop()
    if as_json:
        print(json.dumps(figures))
        return
    print(f"{'redraws a second':<24} {'measured':>9}   at least, aim")
    for name, value in figures.items():
        least, aim = (LEAST_SLOWER, AIM_SLOWER) if name.endswith(f"_at_{SLOWER}x") else (LEAST, AIM)
        reached = "yes" if value >= aim - 0.5 else "bar" if value >= least else "no"
        print(f"{name:<24} {value:>9.1f}   {least}, {aim}  {reached}")


def decoded_here(folder: Path) -> bool:
    """Whether the model is there, and its file tells a browser how to decode it: layers are drawn by the server."""
    if not folder.is_dir():
        return False
    with safe_open(folder / "model.safetensors", framework="numpy") as file:
        return "decoder" in (file.metadata() or {})


async def pull(page: Page, session: CDPSession, slider: Locator, canvases: str) -> float:
    """A hand moves `slider` to and fro for `SECONDS`; frames a second in which all `canvases` changed.

    Its speed is always the same: where it slows down, some frames bring no other value, and nothing to redraw."""
    await slider.scroll_into_view_if_needed()
    box = await slider.bounding_box()
    assert box is not None

    async def send(kind: str, t: float) -> None:
        x = box["x"] + box["width"] * (0.5 + 0.8 / np.pi * float(np.arcsin(np.sin(2.3 * t))))
        about = {"type": kind, "button": "left", "buttons": 0 if kind == "mouseReleased" else 1, "clickCount": 1}
        await session.send("Input.dispatchMouseEvent", {**about, "x": x, "y": box["y"] + box["height"] / 2})

    await send("mousePressed", 0)
    moves, begun = [], time.perf_counter()
    for number in range(int((SECONDS + 0.5) * RATE)):
        if number == int(0.5 * RATE):  # the first half second warms up
            await page.evaluate("selector => watched(selector)", canvases)
        moves.append(asyncio.create_task(send("mouseMoved", number / RATE)))
        await asyncio.sleep(max(0, begun + (number + 1) / RATE - time.perf_counter()))
    seen = await page.evaluate("selector => watched(selector)", canvases)
    await asyncio.gather(*moves)
    await send("mouseReleased", SECONDS)
    return seen / SECONDS


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"models, {', '.join(TABS)} (default: all)")
    parser.add_argument("--json", action="store_true", help="one flat JSON object")
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.names, given.json)))
