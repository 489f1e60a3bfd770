"""Tab Why Q: the derivation of the ELBO as things to do, on one digit and a plane that can be summed."""

from __future__ import annotations

from vaedemo.app.tab import SEED, Choice, Fold, Numbers, Tab, Whole
from vaedemo.app.tabs.whyq import server
from vaedemo.app.tabs.whyq.stops import STOPS

BEFORE = (
    Fold(
        "beat-the-encoder",
        "Beat the encoder",
        "The grey heat is the true posterior. Drag, stretch and turn your q over it: how near to log p(x) can you get?",
        r"""
$$\log P(X) = \underbrace{\mathbb E_{Q}[\log P(X \mid z)] - \mathrm{KL}\big(Q(z) \,\Vert\, P(z)\big)}_{\text{ELBO}} + \underbrace{\mathrm{KL}\big(Q(z) \,\Vert\, P(z \mid X)\big)}_{\text{gap} \;\ge\; 0}$$
The left side does not know $Q$: what your ELBO gains, the gap loses. Two things keep the encoder below the line (Cremer et al. 2018). A Gaussian with axes along the
latents is not the posterior: the *approximation gap*. And one net answers for all pictures, so it misses even the best such Gaussian: the *amortization gap*.
Here $z$ has two numbers, so $\log P(X)$ need not be estimated: $P(X \mid z)\,P(z)$ is summed over a grid of $64 \times 64$ cells, halved again and again where the posterior is.
""",
        state={"mine": Numbers(6, 5), "revealed": Choice("none", "encoder", "upright")},
    ),
    Fold(
        "one-q-or-each",
        "One q, or one each",
        "One ellipse has to do for ten digits. Drag it where you like; then give each digit its own.",
        r"""
Up to here $Q$ could be any distribution. One $Q(z)$ for all pictures must cover all their posteriors, and nearly all its draws then miss any single one:
its best is close to the prior, at a price of hundreds of nats. $Q(z \mid X)$, which looks at the picture first, is what makes the bound useful; the encoder is
that function $X \mapsto (\mu, \sigma)$.
""",
        state={"q": Numbers(4, 3), "each": Choice("shared", "own")},
    ),
)

AFTER = (
    Fold(
        "reparameterization",
        "Reparameterize",
        "The dice eps are thrown once and kept. Move mean and sigma: z = mean + sigma · eps follows, and so can a gradient.",
        r"""
$$\nabla_{\mu, \sigma}\, \mathbb E_{z \sim \mathcal N(\mu, \sigma^2)}[\log P(X \mid z)] = \mathbb E_{\epsilon \sim \mathcal N(0, I)}\big[\nabla_{\mu, \sigma} \log P(X \mid \mu + \sigma \odot \epsilon)\big]$$
Sampled directly, $z$ has no derivative by $\mu$ or $\sigma$: the path is cut. The *score-function* gradient (REINFORCE; Williams 1992) needs no path,
$\mathbb E_z\big[\log P(X \mid z)\, \nabla_\mu \log Q(z)\big] = \mathbb E_z\big[\log P(X \mid z)\,(z - \mu)/\sigma^2\big]$. It has the same mean, and its draws scatter far more: it knows only how good a $z$ was, not which way is better.
""",
        state={"seed": SEED, "path": Choice("whole", "cut")},
    ),
    Fold(
        "gaussian-likelihood",
        "L2 is a Gaussian",
        "X = f(z) + η. The wider η, the less an error costs, and the cheaper it is to say less by z.",
        r"""
The slides draw $X = f(z) + \eta$ with $\eta \sim \mathcal N(0, \sigma^2 I)$, so $-\log P(X \mid z) = \frac{1}{2\sigma^2} \lVert X - f(z) \rVert^2 + \text{const}$, and print
$\mathcal L = \lVert X - f(z) \rVert^2 - \lambda\, \mathrm{KL}$. What is *minimized* has a plus:
$$\mathcal L = \frac{1}{2\sigma^2} \lVert X - f(z) \rVert^2 + \mathrm{KL}\big(Q(z \mid X) \,\Vert\, P(z)\big) = \frac{1}{2\sigma^2}\Big( \lVert X - f(z) \rVert^2 + \lambda\, \mathrm{KL} \Big), \qquad \lambda = 2\sigma^2.$$
The squared error weighs $1/2\sigma^2$ where the KL weighs one; the KL weighs $\lambda = 2\sigma^2$ where the squared error weighs one.
""",
        state={"sigma": Numbers(5, 1), "eta": Choice("sample", "mean")},
    ),
    Fold(
        "density-vs-sampler",
        "Score, or sample",
        "log p(x), of anything you like. Does a scorer know what a digit looks like? And can it draw one?",
        r"""
$\log P(X)$ ranks pictures: a digit far above noise. It is no measure of beauty. It falls by a hundred nats when a digit moves by three pixels, since the training digits
were centred, and it is greatest for pictures that are easy to say: an empty one has no stroke to get wrong (compare Nalisnick et al. 2019).
And a scorer alone draws nothing: among $2^{784}$ black and white pictures one would never find the good ones. The sampler goes the other way, $z \sim P(z)$, then $X \sim P(X \mid z)$, and
needs no score.
""",
        state={"seed": SEED, "pixels": Choice("means", "coins")},
    ),
)

LINES = (
    (
        r"What is wanted is the probability of the picture: an integral over all $z$. Nearly everywhere $P(X \mid z) \approx 0$, so throws of $P(z)$ tell little.",
        r"$$\log P(X) = \log \int P(X \mid z)\, P(z)\, dz$$",
    ),
    (
        r"Choose any $Q(z)$, and ask how far it is from the $z$ that could have made $X$. The slides print $\mathrm{KL} > 0$; it is $\ge 0$, and $0$ where the two are equal.",
        r"$$\begin{aligned}\mathrm{KL}\big(Q(z) \,\Vert\, P(z \mid X)\big) &= \mathbb E_Q\big[\log Q(z) - \log P(z \mid X)\big] \\ &\ge\; 0\end{aligned}$$",
    ),
    (
        r"By Bayes' rule $P(z \mid X) = P(X \mid z)\, P(z) / P(X)$. $\log P(X)$ has no $z$ in it and leaves the expectation.",
        r"$$\begin{aligned}= \mathbb E_Q\big[\log Q(z) &- \log P(X \mid z) - \log P(z)\big] \\ &+ \log P(X)\end{aligned}$$",
    ),
    (
        r"Put in order: on the left what is wanted, less the gap; on the right two terms that can be computed.",
        r"$$\begin{aligned}\log P(X) &- \mathrm{KL}\big(Q(z) \,\Vert\, P(z \mid X)\big) \\ &= \mathbb E_Q\big[\log P(X \mid z)\big] - \mathrm{KL}\big(Q(z) \,\Vert\, P(z)\big)\end{aligned}$$",
    ),
    (
        r"$Q$ may look at $X$: an encoder gives each picture its own mean and sigma.",
        r"$$Q(z \mid X) = \mathcal N\big(\mu(X), \operatorname{diag} \sigma^2(X)\big)$$",
    ),
    (
        r"The gap is $\ge 0$, so the right side is a bound from below: the ELBO.",
        r"$$\begin{aligned}\log P(X) \;\ge\; &\mathbb E_{Q(z \mid X)}\big[\log P(X \mid z)\big] \\ &- \mathrm{KL}\big(Q(z \mid X) \,\Vert\, P(z)\big)\end{aligned}$$",
    ),
    (
        r"Its negative is minimized: distortion *plus* rate. The slides print $\lVert X - f(z) \rVert^2 - \lambda\,\mathrm{KL}$; with a minus the rate would be driven up.",
        r"$$\begin{aligned}\mathcal L = \;&\mathbb E_{Q(z \mid X)}\big[-\log P(X \mid z)\big] \\ &+ \mathrm{KL}\big(Q(z \mid X) \,\Vert\, P(z)\big)\end{aligned}$$",
    ),
    (
        r"So that gradients reach the encoder, the dice are thrown outside: $\epsilon$ knows nothing of $\mu$ and $\sigma$.",
        r"$$z = \mu(X) + \sigma(X) \odot \epsilon, \qquad \epsilon \sim \mathcal N(0, I)$$",
    ),
)


FOLDS = (
    *BEFORE,
    Fold(
        "derivation",
        "The derivation, line by line",
        "Each line lights up what it speaks of.",
        lines=tuple(f"{words}\n\n{formula}" for words, formula in LINES),
        state={"line": Whole(1, len(LINES))},
    ),
    *AFTER,
)

TAB = Tab(
    name="whyq",
    title="Why Q",
    order=20,
    lead="A thousand z of the prior, and how many draw this digit? <b>Throw.</b>",
    folds=FOLDS,
    stops=STOPS,
    # digit: the example that all folds look at; the others are the darts'
    state={
        "digit": Whole(0, 9),
        "latents": Choice("2", "4", "8", "16"),
        "seed": SEED,
        "source": Choice("prior", "q"),
    },
    endpoints=server.ENDPOINTS,
    models=("digits-2d", "digits"),
)
