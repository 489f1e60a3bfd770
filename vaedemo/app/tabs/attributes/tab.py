"""Tab Attributes: what a model is told beside z, and what is left for z then."""

from __future__ import annotations

from vaedemo.app.tab import SEED, Fold, Numbers, Tab, Whole, Word
from vaedemo.app.tabs.attributes import server
from vaedemo.app.tabs.attributes.stops import STOPS

LABEL = Whole(0, 9)  # one of ten, of digits

FOLDS = (
    Fold(
        "labels-by-style",
        "Ten classes, ten styles",
        "Each column is one z, each row one label. Down a column only the label changes; what stays is the style.",
        r"""
Encoder and decoder are told a label $y$. None of the derivation changes: every term is just given $y$ (Kingma et al. 2014, Sohn et al. 2015).
$$\log P(X \mid y) \;\ge\; \mathbb E_{Q(z \mid X, y)}\big[\log P(X \mid z, y)\big] \;-\; \mathrm{KL}\big(Q(z \mid X, y) \,\Vert\, P(z)\big)$$
The right side is maximized; its negative, to be minimized, is distortion *plus* rate. What $y$ says $z$ need not say again, and each nat of
$z$ costs a nat of rate: what is left for $z$ is the style. That one $z$ means the same style under every label is asked for nowhere;
it comes about because all labels share the layers. Here $P(z) = \mathcal N(0, I)$ for every label; Sohn et al. let the prior depend on the condition too.
""",
        state={"styles": SEED, "column": LABEL, "row": LABEL},
        models=("digits-cvae",),
    ),
    Fold(
        "restyle-digit",
        "Your digit, in ten classes",
        "Draw a digit: the encoder reads its style, and the decoder writes all ten digits in it. If it takes yours for another, say so.",
        r"""
$Q(z \mid X, y)$ is told the label, so somebody has to say it. If nobody does, the model tries all ten and takes the one with the greatest
bound: by Bayes' rule, with ten equally likely labels, $P(y \mid X) \propto P(X \mid y)$, and the bound stands for $\log P(X \mid y)$.
The mean of $Q(z \mid X, y)$ then goes to $P(X \mid z, y')$ with every other label $y'$. Told a label that does not
fit, the encoder has to make up for it by $z$: distortion and rate together are larger, and the style it reads may not be yours.
""",
        state={"digit": LABEL, "as": LABEL},
        models=("digits-cvae",),
    ),
    Fold(
        "attribute-sliders",
        "A face, described",
        "The same z, another description. Pull smile, glasses, hat, and see what else moves.",
        r"""
*Attribute2Image* (Yan et al. 2016): $y$ is a vector of attributes, each from $-1$ to $1$, and faces come from $P(X \mid y, z)$ with $z \sim \mathcal N(0, I)$.
The bound is the one above. Nothing forces the model to change one attribute alone: where two go together in the photographs (lipstick and no beard),
it has seldom seen them apart, and moves both. The list to the right says how far, as a net reads it that no model learned from.
What is drawn is one plausible picture of $z$ and $y$, by a decoder that a critic taught. The switch “Smooth” draws the *mean* of $P(X \mid z, y)$ instead,
which is the paper's answer; all folds of these faces follow it.
The photographs are of celebrities, the attributes what labellers saw in them; “male” and “young” are no facts about a person.
""",
        state={"face": SEED, "person": Whole(0, 23), "asked": Numbers(1)},
        models=("faces-sharp",),
    ),
    Fold(
        "many-people",
        "Many faces, one description",
        "The description of the face above, with twenty-four other z: everything it does not say is free.",
        r"""
$P(X \mid y)$ is no single picture: $\int P(X \mid z, y)\, P(z)\, dz$. Each $z \sim \mathcal N(0, I)$ is another answer to the same description. What all of them
share, $y$ said; what differs is what $z$ holds: pose, light, the shape of a head, the ground behind it. With “Smooth” each is the mean of $P(X \mid z, y)$;
without it the decoder adds details that neither $z$ nor $y$ says.
""",
        state={"seed": SEED},
    ),
    Fold(
        "mean-vs-critic",
        "Smooth and sharp: a mean, and one picture for a critic",
        "Down a column z and description are the same. Above, the mean that the CVAE draws; below, what a decoder draws that a critic taught.",
        r"""
The CVAE's picture is the *mean* of $P(X \mid z, y)$. A Gaussian likelihood asks for just that: of all single pictures
$$f(z, y) = \mathbb E[X \mid z, y] \quad\text{minimizes}\quad \mathbb E\,\lVert X - f(z, y) \rVert^2 .$$
Where sixty-four numbers do not say how each hair lies, the mean has no single hair, and no photograph looks like it. The second decoder, $g$, draws the same $z$ and $y$:
the encoder is the CVAE's and stays as it is. First $g$ learns to draw the CVAE's own pictures; then a critic teaches it (Goodfellow et al. 2014), as in the VAE/GAN
(Larsen et al. 2016) and its conditional relative, the CVAE-GAN (Bao et al. 2017).
$$\min_g \; -\mathbb E \sum_{k=1}^4 D_k(g, y) + \gamma\, \mathrm{Dis}_l(X, g) + \lambda_1 \lVert X - g \rVert^2
+ \lambda_2 \lVert \bar f - \bar g \rVert^2 + \lambda_3\, W(g) - \lambda_4\, \mathbb E \log C(y \mid g), \qquad g = g(z, y)$$
- *The critic* is projected (Sauer et al. 2021): four small discriminators $D_k$ see a picture only through the maps of a frozen net, EfficientNet-Lite0, which learned
from ImageNet. They tell photographs from drawn pictures, of $z$ from the encoder and from the prior alike. Each $D_k$ is told $y$ by *projection* (Miyato & Koyama 2018):
the inner product of its features with an embedding of $y$ is a part of its score. So it asks: is this a photograph *of what $y$ says*?
- $\mathrm{Dis}_l$ compares a reconstruction with its photo $X$ in the discriminators' middle layers; the next term does so pixel by pixel.
- $\bar f$ and $\bar g$ are both decoders' pictures, averaged over blocks of $4 \times 4$ pixels: what is coarser than that, $g$ keeps from the CVAE.
- $W$ compares the power of drawn pictures with that of photographs, at the frequencies of all patterns that repeat every eight pixels (after Durall et al. 2020).
A decoder that doubles its maps again and again weaves such patterns, and the critic hardly sees them.
- *The tutor* $C$ learns the attributes from photographs alone; $g$ is rewarded where $C$ can read $y$ in its picture.

The details that $g$ adds are *invented*: plausible, and not the person's. Its squared error is larger than the mean's, as it must be. And since $g$ is rewarded for
being read, it may show more plainly than photographs do what $y$ says.
""",
        state={"seed": SEED},
        models=("faces-cvae",),
    ),
    Fold(
        "attribute-sweep",
        "One attribute, swept",
        "Along a row one attribute passes from −1 to 1; each row is another z.",
        r"""
The paper's *attribute-conditioned progression*: $y$ moves along one axis, $z$ and all other attributes stay. If $z$ and $y$ were told apart well, a row is one person.
""",
        state={"sweep": Word(), "seed": SEED},
    ),
    Fold(
        "own-photo",
        "Your photo",
        "A face is found, aligned, encoded. Take it to the sliders, or paint over a part and let the model guess.",
        r"""
For a photo $X$ the encoder answers in one shot: $z = \mathbb E_{Q(z \mid X, y)}[z]$, with $y$ as a net reads it. The paper's other way is optimization,
$$\min_z \; -\log P(X \mid z, y) - \log P(z) = \min_z \; \frac{1}{2\sigma^2} \lVert X - f(z, y) \rVert^2 + \tfrac12 \lVert z \rVert^2 + \text{const},$$
slower, and closer. Here $f$ is the mean that `faces-cvae` draws: it encodes and fits, whichever decoder then draws $z$. This way also copes with a part that is hidden: only visible pixels count. Guesses differ because each is fitted to the picture with noise
of the model's $\sigma$, near a prior draw of its own; with a linear $f$ they would be draws from $P(z \mid X_{\text{visible}}, y)$. The photo is not kept.
""",
    ),
    Fold(
        "foreground-background",
        "A person, and what is behind",
        "Columns share a background, rows a person. Keep one, throw the other.",
        r"""
The paper's *disCVAE* decodes a person from $(y, z_{\mathrm{fg}})$ and a background from $z_{\mathrm{bg}}$ alone, and lays one over the other by a gate
$g \in [0, 1]$: $X = g \odot X_{\mathrm{fg}} + (1 - g) \odot X_{\mathrm{bg}}$. Attributes speak of the person, so they need not move the ground. Here masks teach
the gate; behind a person nobody ever saw the ground, so what is drawn there is a guess.
""",
        state={"front": SEED, "back": SEED},
    ),
    Fold(
        "structured-prediction",
        "Half a digit: what might the rest be?",
        "Draw a digit and cover some of it. What is left has many right answers: the CVAE gives eight, a net without z gives one.",
        r"""
The condition $y$ need not be a label: here it is a part of the picture, and $X$ is the rest (structured prediction, Sohn et al. 2015).
$$\log P(X \mid y) \;\ge\; \mathbb E_{Q(z \mid X, y)}\big[\log P(X \mid z, y)\big] \;-\; \mathrm{KL}\big(Q(z \mid X, y) \,\Vert\, P(z)\big)$$
A net without $z$ says for each hidden pixel how often it has ink, over all digits that fit. That is the best *single* answer, and no digit:
where a stroke may go left or right, it is grey on both sides. It takes every pixel to be independent of its neighbours, given $y$. The CVAE
decides in $z$ which way the stroke goes, and then draws all of it that way; the mean of its answers over many $z$ is close to the net's one.
The figure for this is $-\log P(X \mid y)$ of the hidden pixels in nats: importance sampling for the CVAE, the cross entropy for the net.
At test time there is no encoder, since $X$ is what is asked for: $z$ comes from $\mathcal N(0, I)$. Sohn et al. let that prior depend on $y$.
""",
        state={"given": Whole(1, 3), "seed": SEED, "digit": LABEL},
    ),
)

TAB = Tab(
    name="attributes",
    title="Attributes",
    order=50,
    lead="The same z, another label. <b>Turn.</b>",
    folds=FOLDS,
    stops=STOPS,
    state={"label": Numbers(10, 1), "style": Numbers(4, 2), "smooth": Whole(0, 1)},
    routes=server.ROUTES,
    endpoints=server.ENDPOINTS,
    models=("digits-cvae-2d",),
)
