"""Tab Attributes: what a model is told beside z, and what is left for z then."""

from __future__ import annotations

import gradio as gr

from vaedemo.app.tabs import folds
from vaedemo.app.tabs.folds import Section
from vaedemo.app.widgets import widget

HERO = """
<p class="vd-lead">The same z, another label. <b>Turn.</b></p>
<div data-part="turn"></div>
<p class="vd-trouble" role="status"></p>
"""

SECTIONS = (
    Section(
        "classes",
        "Ten classes, ten styles",
        "Each column is one z, each row one label. Down a column only the label changes; what stays is the style.",
        r"""
Encoder and decoder are told a label $y$. None of the derivation changes: every term is just given $y$ (Kingma et al. 2014, Sohn et al. 2015).
$$\log P(X \mid y) \;\ge\; \mathbb E_{Q(z \mid X, y)}\big[\log P(X \mid z, y)\big] \;-\; \mathrm{KL}\big(Q(z \mid X, y) \,\Vert\, P(z)\big)$$
The right side is maximized; its negative, to be minimized, is distortion *plus* rate. What $y$ says $z$ need not say again, and each nat of
$z$ costs a nat of rate: what is left for $z$ is the style. That one $z$ means the same style under every label is asked for nowhere;
it comes about because all labels share the layers. Here $P(z) = \mathcal N(0, I)$ for every label; Sohn et al. let the prior depend on the condition too.
""",
    ),
    Section(
        "restyle",
        "Your digit, in ten classes",
        "Draw a digit: the encoder reads its style, and the decoder writes all ten digits in it. If it takes yours for another, say so.",
        r"""
$Q(z \mid X, y)$ is told the label, so somebody has to say it. If nobody does, the model tries all ten and takes the one with the greatest
bound: by Bayes' rule, with ten equally likely labels, $P(y \mid X) \propto P(X \mid y)$, and the bound stands for $\log P(X \mid y)$.
The mean of $Q(z \mid X, y)$ then goes to $P(X \mid z, y')$ with every other label $y'$. Told a label that does not
fit, the encoder has to make up for it by $z$: distortion and rate together are larger, and the style it reads may not be yours.
""",
    ),
    Section(
        "quadrant",
        "Half a digit: what might the rest be?",
        "Draw a digit and cover some of it. What is left has many right answers: the CVAE gives eight, a net without z gives one.",
        r"""
The condition $y$ need not be a label: here it is a part of the picture, and $X$ is the rest (structured prediction, Sohn et al. 2015).
$$\log P(X \mid y) \;\ge\; \mathbb E_{Q(z \mid X, y)}ig[\log P(X \mid z, y)ig] \;-\; \mathrm{KL}ig(Q(z \mid X, y) \,\Vert\, P(z)ig)$$
A net without $z$ says for each hidden pixel how often it has ink, over all digits that fit. That is the best *single* answer, and no digit:
where a stroke may go left or right, it is grey on both sides. It takes every pixel to be independent of its neighbours, given $y$. The CVAE
decides in $z$ which way the stroke goes, and then draws all of it that way; the mean of its answers over many $z$ is close to the net's one.
The figure for this is $-\log P(X \mid y)$ of the hidden pixels in nats: importance sampling for the CVAE, the cross entropy for the net.
At test time there is no encoder, since $X$ is what is asked for: $z$ comes from $\mathcal N(0, I)$. Sohn et al. let that prior depend on $y$.
""",
    ),
)


def build() -> None:
    """The label dial on the live map, then a fold for each idea."""
    gr.HTML(HERO, js_on_load=widget("turn", "hero"))
    folds.build(SECTIONS)
