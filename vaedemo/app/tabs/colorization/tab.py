"""Tab Colorization: one input, many right answers; why their mean is brown; what each term of the loss is for."""

from __future__ import annotations

from vaedemo.app.tab import SEED, Fold, Numbers, Tab, Whole, Word
from vaedemo.app.tabs.colorization import server
from vaedemo.app.tabs.colorization.stops import STOPS

FIRST = """
<figure class="vd-figure vd-first"><img src="vaedemo/web/examples/car.jpg" loading="lazy" width="512" height="512"
  alt="The grey photo: a sports car"></figure>
"""

COLORING = Whole(1, 8)  # one of the eight

FOLDS = (
    Fold(
        "diversity",
        "Where they disagree, and why the mean is brown",
        "Bright: the eight differ. Their mean has a color that none of them has, and dice for each cell have no plan.",
        r"""
Colorization is ambiguous: of the grey picture $G$ the color field $C$ is not a function, it has a distribution $P(C \mid G)$, and with several peaks.
Whoever answers with one field and is judged by squared error does best with the mean, $\arg\min_{\hat C} \mathbb E\,\lVert C - \hat C \rVert^2 = \mathbb E[C \mid G]$,
and the mean of a red van and a blue van is no van's color. So *samples* are wanted. But $C$ has thousands of numbers, here $2 \times 32 \times 32$:
drawing each cell from its own $P(C_i \mid G)$ gives every cell a fair color and the picture none, since the cells of one van must agree.
That is the curse of dimensionality, and why a $z$ of a few numbers is put between: decide in $z$, then paint all cells by it.
$$P(C \mid G) = \int P(C \mid z, G)\, P(z \mid G)\, dz$$
""",
        state={"cells": SEED},
    ),
    Fold(
        "interpolation",
        "From one answer to another",
        "Two of the eight, and the straight line between their z. Pull: does each step look like a photo?",
        r"""
Colors are encoded by a VAE into a $z$ of few numbers (Deshpande et al. 2017). A *mixture density net* (Bishop 1994) then reads the grey picture and answers
with a whole distribution instead of a number: $M = 8$ weights $\pi_i$, means $\mu_i$ and deviations $\sigma_i$,
$$P(z \mid G) = \sum_{i=1}^{M} \pi_i(G)\; \mathcal N\big(z;\, \mu_i(G),\, \operatorname{diag} \sigma_i^2(G)\big).$$
It is trained on pairs of $G$ and a $z$ that the encoder draws for the true colors, by $-\log P(z \mid G)$. (The paper's $\sigma$ is one number, and of the sum it keeps the nearest component alone.)
The eight answers are no eight means: $128$ draws of $z$ are decoded and grouped by how the things in them differ ($k$-medoids), and an answer is a group's mean $z$, whose part about things is moved 1.6 times as far from the middle (means lie nearer to it than draws do), and its tint is not; its weight is the group's share.
The tint of the whole picture is two numbers of the code apart from $z$, and stays near its mean unless "Tints too" is chosen (then the groups' means stay where they are, too): otherwise one tint over everything is most of what differs.
Between two answers $P(z \mid G)$ may be low, but the decoder was trained with noise on $z$, so what lies there is still a coloring.
""",
        state={"from": COLORING, "to": COLORING},
    ),
    Fold(
        "color-hint",
        "One hint",
        "Dab a color anywhere. What contradicts it fades, and the whole picture follows, not only the dab.",
        r"""
A dab says: at this cell the color is about $c$. That is evidence, and Bayes' rule says what it makes of $z$:
$$P(z \mid G, \text{dabs}) \;\propto\; P(z \mid G) \prod_{k} \exp\!\Big({-\frac{\lVert C_k(z, G) - c_k \rVert^2}{2 s^2}}\Big)$$
No net is trained anew. $512$ draws $z_j \sim P(z \mid G)$ are decoded once, and each is weighed by the product on the right (*importance sampling*).
Each draw counts to the answer it is nearest to: an answer's new weight is the sum of its draws' weights, its picture their weighted mean. How much is left of the draws tells the *effective number*
$(\sum_j w_j)^2 / \sum_j w_j^2$. If it falls to one, the dab asked for what the model holds unlikely: it has few draws there, and no better answer.
The dab moves the whole picture because one $z$ paints all of it.
""",
        state={"hints": Numbers(1)},
    ),
    Fold(
        "one-object",
        "One object at a time",
        "Click a thing: its color alone runs through what the model holds possible there, and all else keeps its own.",
        r"""
The ring is a histogram: $256$ draws of $P(z \mid G)$ are decoded, and of each the color at the chosen place is counted, all alike; greys are in its middle.
So it shows the distribution of one cell's color, $P(C_i \mid G)$, with all else left free. But no two draws agree in everything else.
For each of $32$ colors $c$, taken at even shares of those draws, the code is looked for that is likeliest given that the place has this color and all else keeps its own:
$$\min_z\; \lVert z - z_1 \rVert^2_{\Sigma} + \frac{\lVert C_i(z) - c \rVert^2}{s_1^2} + \sum_{k} (1 - \rho_k) \frac{\lVert C_k(z) - C_k(z_1) \rVert^2}{s_2^2}$$
Here $z_1$ is the code of the first answer, $\Sigma$ the draws' covariance, and $\rho_k$ the share of cell $k$'s variance that the color at $i$ foretells over the draws: what goes with it, without anybody having told the model what a thing is.
$C(z)$ counts as linear, fitted to the draws, so this is one system of linear equations; what you see is decoded by the net itself. The tint of the whole picture is held.
Where one direction of $z$ paints two things, both follow: the code has only so many numbers.
""",
        state={"place": Numbers(1, 2), "which": Whole(1, 32)},
    ),
    Fold(
        "loss-terms",
        "What each term of the loss is for",
        "Your photo's own colors through four VAEs that were trained with and without each term.",
        r"""
The VAE's distortion is no plain squared error (Deshpande et al. 2017, section 4.1): it is
$\mathcal L_{\text{hist}} + \lambda_{\text{mah}}\, \mathcal L_{\text{mah}} + \lambda_{\text{grad}}\, \mathcal L_{\text{grad}}$,
plus the rate $\mathrm{KL}(Q(z \mid C) \,\Vert\, \mathcal N(0, I))$, which is minimized with it (so with a plus).
$$\mathcal L_{\text{hist}} = \sum_{i} w\big(C_i\big)\, \lVert C_i - f_i(z) \rVert^2$$
Most of the world is grey-brown, so squared error is paid for by being dull: $w$ is large where the true color is rare.
$$\mathcal L_{\text{mah}} = \sum_{k=1}^{20} \frac{\big(p_k^\top (C - f(z))\big)^2}{\sigma_k^2}$$
The Mahalanobis distance on the first twenty principal components $p_k$ of color fields: squared error sees only the largest of them, overall warmth;
divided by its spread $\sigma_k$, the layout of colors in the picture counts as well.
$$\mathcal L_{\text{grad}} = \lVert \nabla_h C - \nabla_h f(z) \rVert^2 + \lVert \nabla_v C - \nabla_v f(z) \rVert^2$$
Differences between neighbours: edges of color stay where they are. Here edges come from the grey picture anyhow, so a VAE without this term is hardly worse;
without $\mathcal L_{\text{mah}}$ the layout is. The four VAEs were trained for $4{,}000$ steps each, alike but for the loss. A single photo is an anecdote; the models' cards have the averages.
""",
    ),
    Fold(
        "methods",
        "MDN, CVAE, regression",
        "The same photo, three methods: how near is the best answer, and how much do the answers differ?",
        r"""
*Regression* has no $z$: trained by squared error it gives $\mathbb E[C \mid G]$. The *CVAE* (Sohn et al. 2015) tells encoder and decoder $G$ and draws $z \sim \mathcal N(0, I)$ at test time,
$$\log P(C \mid G) \;\ge\; \mathbb E_{Q(z \mid C, G)}\big[\log P(C \mid z, G)\big] \;-\; \mathrm{KL}\big(Q(z \mid C, G) \,\Vert\, \mathcal N(0, I)\big).$$
A decoder that sees $G$ can guess most of $C$ from it, and each nat that $z$ tells is paid for, so $z$ may end up saying little, and all draws look alike.
The one here kept its $z$: its draws differ, but $\mathcal N(0, I)$ was not told $G$, and the best of eight is farther from the truth.
The *MDN* splits the work: a VAE learns what colors there are, and $P(z \mid G)$ which of them suit this $G$, with eight peaks for what could be different.
The paper counts the error of the best of $n$ answers, since only one of many plausible ones can be the photo's own, and the variance over them:
variance alone is cheap, if the best is no longer near.
""",
        state={"seed": SEED},
    ),
)

TAB = Tab(
    name="colorization",
    title="Colorization",
    order=60,
    lead="One grey photo. Eight answers, all of them plausible. <b>Choose.</b>",
    first=FIRST,
    folds=FOLDS,
    stops=STOPS,
    state={"photo": Word(), "pick": COLORING, "tints": Whole(0, 1)},
    routes=server.ROUTES,
    endpoints=server.ENDPOINTS,
    examples=(server.ask_examples,),
)
