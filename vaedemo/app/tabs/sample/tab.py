"""Tab Sample: p(z), the manifold, the decoder alone, the posterior, and what the KL term closes."""

from __future__ import annotations

from vaedemo.app.tab import SEED, Choice, Fold, Numbers, Tab, Whole
from vaedemo.app.tabs.sample import server
from vaedemo.app.tabs.sample.stops import STOPS

FIRST = """
<div class="vd-hero">
  <figure>
    <canvas class="vd-ink" data-part="digit" width="28" height="28" role="img"
      aria-label="The digit that the decoder draws for the dot's place on the map"></canvas>
    <figcaption data-part="z"></figcaption>
    <p class="vd-note" data-part="debug"></p>
    <div data-part="yours" hidden>
      <canvas class="vd-ink" data-part="your-digit" role="img"
        aria-label="The digit that your own VAE draws for the same place"></canvas>
      <p class="vd-note" data-part="your-words"></p>
    </div>
  </figure>
  <figure>
    <div data-part="map"></div>
    <figcaption class="vd-row">
      <button type="button" class="vd-quiet" data-act="dice">Throw the dot</button>
      <button type="button" class="vd-quiet" data-act="colors" aria-pressed="false">Test digits</button>
      <button type="button" class="vd-quiet" data-act="yours" aria-pressed="false" hidden>Your map</button>
      <button type="button" class="vd-quiet" data-act="png">PNG</button>
      <button type="button" class="vd-quiet" data-act="code">Code</button>
      <span data-part="badge"></span>
    </figcaption>
    <p class="vd-legend" data-part="legend" hidden></p>
  </figure>
  <div>
    <p class="vd-note">Draw yours, and the dot jumps to it.</p>
    <div data-part="pad"></div>
    <p class="vd-trouble" role="status" data-part="trouble"></p>
  </div>
</div>
<div data-part="training" hidden role="status">
  <p></p><progress hidden></progress> <button type="button" class="vd-quiet" data-act="cancel">Cancel</button>
</div>
"""


FOLDS = (
    Fold(
        "prior-samples",
        "Throw dice",
        "Throw dice for z and let the decoder draw; beside it, throw dice for all 784 pixels.",
        r"""
The task: given examples of $X$, draw new ones, as if from the same $P(X)$. Nearly every point of the $784$-dimensional
space of pictures is snow. A latent-variable model writes $P(X) = \int P(X \mid z)\, P(z)\, dz$ with $P(z) = \mathcal N(0, I)$:
drawing $X$ is drawing $z$, then decoding it. *Temperature* scales $z$; at $1$ it is the prior itself. What is shown is
the mean of $P(X \mid z)$.
""",
        state={
            "model": Choice("digits", "digits-2d", "faces-vae"),
            "n": Choice("36", "16", "64"),
            "temperature": Numbers(1.5, 1),
            "seed": SEED,
        },
        models=("digits",),
    ),
    Fold(
        "architecture",
        "Look inside, then drag the encoder away",
        "The picture runs through the net as you watch. To sample, only the right half is needed: drag the encoder away.",
        r"""
The encoder gives the mean $\mu(X)$ and the standard deviation $\sigma(X)$ of $Q(z \mid X)$; then $z = \mu + \sigma \odot \epsilon$
with $\epsilon \sim \mathcal N(0, I)$, so that gradients reach $\mu$ and $\sigma$. The decoder $f(z)$ grows $7 \times 7$ feature
maps to $14 \times 14$, then to the $28 \times 28$ picture. At test time $z \sim \mathcal N(0, I)$, and the encoder is not used.
""",
        state={"model": Choice("digits-2d", "digits"), "encoder": Choice("on", "off"), "throw": SEED},
    ),
    Fold(
        "posterior-of-a-drawing",
        "A picture becomes a cloud",
        "Draw a digit, or pick one. The encoder answers with an ellipse, not a point: every z inside draws nearly the same.",
        r"""
$Q(z \mid X) = \mathcal N\big(\mu(X), \operatorname{diag} \sigma^2(X)\big)$ approximates the posterior $P(z \mid X)$. The ellipse is one
$\sigma$. A larger latent space makes narrower clouds and sharper pictures. The reconstruction is the decoder's answer to the mean.
""",
        state={"model": Choice("digits-2d", "digits")},
    ),
    Fold(
        "interpolation",
        "From one digit to another",
        "Cross the gap between two digits: through the pixels it is a double exposure, through z every step is a digit.",
        r"""
Pictures of digits lie near a thin, curved sheet, the *manifold*; the straight line between two of them leaves it at once.
The decoder maps the straight line in $z$ onto the sheet. In many dimensions a Gaussian's mass lies near a shell of radius
$\sqrt{d}$, and a straight line cuts through its hollow; *slerp* (White 2016) goes along the shell.
""",
        state={"from": Whole(0, 9), "to": Whole(0, 9), "model": Choice("digits-2d", "digits")},
    ),
    Fold(
        "latent-holes",
        "What the KL term closes",
        "The same hand on two maps: left the VAE, right the same net without KL and noise. Find the holes.",
        r"""
The lecture prints the loss as $\mathcal L = \lVert X - f(z) \rVert^2 - \lambda\, \mathrm{KL}$, and $\mathrm{KL} > 0$. For minimization the sign is plus,
and $\mathrm{KL} \ge 0$ (zero when $Q$ is the prior):
$$\mathcal L = \mathbb E_{Q(z \mid X)}\big[-\log P(X \mid z)\big] + \mathrm{KL}\big(Q(z \mid X) \,\Vert\, P(z)\big) \;\ge\; -\log P(X).$$
Without the KL term and the noise, nothing pulls the codes together or fills the space between them: a plain autoencoder
compresses, but a random $z$ may mean nothing to it.
""",
        state={"place": Numbers(1, 2)},
        models=("digits-ae",),
    ),
    Fold(
        "more-latents",
        "More than two numbers",
        "Thirty-two numbers draw this one. Pull the latents that carry most; some carry nothing.",
        r"""
Each latent pays its own rate, $\mathrm{KL}\big(\mathcal N(\mu_i, \sigma_i^2) \,\Vert\, \mathcal N(0, 1)\big) = \tfrac12\big(\mu_i^2 + \sigma_i^2 - 1 - \log \sigma_i^2\big)$.
A latent that does not earn its rate is switched off: $\mu_i = 0$, $\sigma_i = 1$ for every picture, and the decoder ignores it.
""",
        state={"z": Numbers(6)},
        models=("digits",),
    ),
    Fold(
        "mean-vs-sample",
        "Mean, or sample",
        "The decoder's answer is a distribution. Its mean looks smooth; a sample flips a coin for each pixel.",
        r"""
$P(X \mid z)$ is a product of Bernoullis here, one for each pixel, with mean $f(z)$. The lecture draws $X = f(z) + \eta$, a Gaussian.
Either way the pixels are independent *given* $z$: what they have in common must come through $z$. That is why means are shown.
""",
        state={"seed": SEED, "count": Whole(1, 256)},
    ),
    Fold(
        "elbo",
        "The ELBO of a picture",
        "What it costs to say your picture, in nats: its pixels given z (distortion), and z itself (rate).",
        r"""
$$\log P(X) \;\ge\; \underbrace{\mathbb E_{Q}[\log P(X \mid z)]}_{-\,\text{distortion}} \;-\; \underbrace{\mathrm{KL}\big(Q(z \mid X) \,\Vert\, P(z)\big)}_{\text{rate}}$$
The right side is the *evidence lower bound*. One nat is $1/\ln 2 \approx 1.44$ bits. A picture unlike the training pictures
costs more; that is a way to notice it.
""",
    ),
)

TAB = Tab(
    name="sample",
    title="Sample",
    order=10,
    lead="Two numbers draw this. <b>Move.</b>",
    first=FIRST,
    folds=FOLDS,
    stops=STOPS,
    state={"z": Numbers(4, 2)},
    routes=server.ROUTES,
    models=("digits-2d",),
)
