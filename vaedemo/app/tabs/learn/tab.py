"""Tab Learn: a VAE that learns in the visitor's own browser."""

from __future__ import annotations

from vaedemo.app.tab import SEED, Choice, Numbers, Stop, Tab, Whole

FIRST = """
<div class="vd-learn">
  <figure class="vd-figure"><div class="unborn"></div>
    <figcaption>The map of a net that has learned nothing is grey.</figcaption></figure>
</div>
"""

STOPS = (
    Stop(
        "Training, before your eyes",
        "Batch, eps, forward, loss, gradients, Adam: the map goes from grey to digits, and the bound's terms fall.",
        state={"beta": "1", "z": "2", "noise": "on"},
    ),
    Stop(
        "Beta sets the price of the rate",
        "At beta 16 a nat of rate is dear: codes are pulled under the prior, and the digits blur.",
        state={"beta": "16", "z": "2", "noise": "on"},
    ),
    Stop(
        "Latents that die",
        "Sixteen latents, beta 4: some carry nothing and are grey. Warm-up gives them time to become useful.",
        state={"beta": "4", "z": "16", "noise": "on"},
    ),
)

TAB = Tab(
    name="learn",
    title="Learn",
    order=100,
    lead="A VAE learns, here. <b>Turn beta.</b>",
    first=FIRST,
    stops=STOPS,
    state={
        "beta": Numbers(16, 1),
        "z": Whole(2, 16),
        "rate": Choice("0.003", "0.0003", "0.001", "0.01", "0.03", "0.1", "1"),
        "noise": Choice("on", "off"),
        "warmup": Choice("off", "on"),
        "seed": SEED,
    },
)
