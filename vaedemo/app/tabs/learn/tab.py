"""Tab Learn: a VAE that learns in the visitor's own browser."""

from __future__ import annotations

from vaedemo.app.tab import SEED, Choice, Fold, Numbers, Tab, Whole
from vaedemo.app.tabs.learn import server
from vaedemo.app.tabs.learn.stops import STOPS

FIRST = """
<div class="vd-learn">
  <figure class="vd-figure"><div class="unborn"></div>
    <figcaption>The map of a net that has learned nothing is grey.</figcaption></figure>
</div>
"""

FOLDS = (
    Fold(
        "one-step",
        "One step, slowly",
        "A step of the training, line by line. Each line lights up when its part of the picture appears.",
        r"""
$$\mathcal L = \mathbb E_{\epsilon \sim \mathcal N(0, I)}\big[-\log P(X \mid z = \mu(X) + \sigma(X) \odot \epsilon)\big] + \mathrm{KL}\big(Q(z \mid X) \,\Vert\, P(z)\big)$$
One $\epsilon$ for each picture is enough: the minibatch averages. The distortion pushes each mean to where the decoder draws its digit, and narrows
$\sigma$, since a wide cloud hits wrong pictures too; the rate pulls the means to $0$ and the sigmas to $1$. Adam (Kingma & Ba 2015) divides each weight's average
gradient by its average size.
""",
        state={"line": Whole(1, 7)},
    ),
    Fold(
        "points",
        "The other way: a GAN on the same points",
        "A VAE and a GAN learn the same points. One covers all and blurs between; the other is sharp, and may lose some.",
        r"""
The generator $G$ turns $z \sim \mathcal N(0, I)$ into a point, and the discriminator $D$ tells points of the data from generated ones
(Goodfellow et al. 2014):
$$\min_G \max_D \; \mathbb E_{X}[\log D(X)] + \mathbb E_{z}\big[\log(1 - D(G(z)))\big].$$
There is no encoder and no bound: nothing asks $G$ to reach every mode, so it may leave some out (*mode collapse*). Here $G$ follows
$-\log D(G(z))$, as the paper advises, since the gradient of $\log(1 - D)$ vanishes while $D$ is sure. The VAE pays for every point
that it cannot draw back, so it covers all modes; its decoder is continuous, so $z$ between two modes falls between them.
""",
        state={"set": Choice("gaussians", "ring", "spiral", "moons", "own"), "seed": SEED, "modes": Numbers(1.2)},
    ),
    Fold(
        "ten-labels",
        "Ten labels go a long way",
        "Two thousand digits, and nobody has said what they are. Label ten: the map colors itself.",
        r"""
A VAE learns its features from pictures alone, and the features can be used in the semi-supervised setting. This is the idea of M1 (Kingma
et al. 2014): train a VAE on all pictures, then a classifier on the codes of the few that have labels. Two things help. *The space*: digits that
look alike have near codes, whatever their single pixels do. *The digits without labels*: they lie densely within a class and
sparsely between classes, so a label handed on from neighbour to neighbour stays in its class (Zhou et al. 2004):
$$F^{(t+1)} = \alpha \, D^{-1/2} W D^{-1/2} F^{(t)} + (1 - \alpha) Y, \qquad \alpha = 0.99,$$
$W$ links each digit to its five nearest ones, $Y$ holds the labels that are known, and a digit's label is the largest number in its row of $F$.

All digits here were drawn by a CVAE, `digits-cvae`, for $z \sim \mathcal N(0, I)$ and each label in turn: this is how the page knows
which answers are wrong. Drawn digits are tidier than written ones. The errors on MNIST's test digits are in the fold below.
""",
        state={
            "labels": Numbers(19_999),
            "by": Choice(
                "codes-spread",
                "codes-nearest",
                "plane-spread",
                "plane-nearest",
                "pixels-spread",
                "pixels-nearest",
                "yours-spread",
                "yours-nearest",
            ),
            "draw": Choice("each", "any"),
        },
    ),
    Fold(
        "few-labels-table",
        "M1, M2, and both",
        "Three ways to learn from 100 labelled digits and 58,000 others, on real ones: MNIST's test digits.",
        r"""
*M1* (Kingma et al. 2014): a VAE learns from all pictures, a classifier from the codes of those with a label. *M2*: the label $y$ is a second latent, which is
seen for a few pictures:
$$\log p(x, y) \ge \mathcal L(x, y) = \mathbb E_{q(z|x,y)}[\log p(x|y,z)] + \log p(y) - \mathrm{KL}\big(q(z|x,y) \,\Vert\, p(z)\big).$$
Of the others it is summed out, by a classifier $q(y|x)$ that is part of the model:
$$\log p(x) \ge \sum_y q(y|x)\, \mathcal L(x, y) + \mathcal H\big(q(y|x)\big).$$
Both bounds are maximized, and the classifier's cross-entropy on the labelled pictures is added with the weight $\alpha = 0.1 N$. *M1+M2*: M2 on
the codes of M1 in place of pixels.
""",
    ),
    Fold(
        "styles",
        "Styles, under every label",
        "What is left of a digit without its label is z. Here one z is drawn as all ten digits: pull it, and the row follows.",
        r"""
M2 is a generative model, too: $p(x|y,z)$ draws a picture for a label $y$ and a style $z$, and $q(z|x,y)$ reads the style of a digit. With $z$ kept and $y$
changed, one digit gives nine others in its style: *analogies* (Kingma et al. 2014, figure 1b). Nobody said what a style is: the label explains what it can, and
$z$ the rest. In M1+M2 the decoder gives a code of M1, $p(z_1|y,z_2)$, from which M1's own decoder draws.
""",
        state={
            "model": Choice("digits-m2", "digits-m1m2"),
            "row": Whole(0, 10),
            "example": Whole(0, 2),
            "z": Numbers(6),
        },
    ),
)

TAB = Tab(
    name="learn",
    title="Learn",
    order=100,
    lead="A VAE learns, here. <b>Turn beta.</b>",
    first=FIRST,
    folds=FOLDS,
    stops=STOPS,
    routes=server.ROUTES,
    state={
        "beta": Numbers(16, 1),
        "z": Whole(2, 16),
        "rate": Choice("0.003", "0.0003", "0.001", "0.01", "0.03", "0.1", "1"),
        "noise": Choice("on", "off"),
        "warmup": Choice("off", "on"),
        "seed": SEED,
    },
)
