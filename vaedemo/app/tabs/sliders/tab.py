"""Tab Sliders: latents that stand for factors, latents that do not, and what it takes to tell them apart."""

from __future__ import annotations

from vaedemo.app.tab import SEED, Choice, Fold, Numbers, Tab, Whole, Word
from vaedemo.app.tabs.sliders.stops import STOPS

FOLDS = (
    Fold(
        "traversals",
        "Every latent as a film strip",
        "Each strip moves one latent and holds the others. Click a frame, and the picture goes there.",
        r"""
A *traversal* decodes $z$ while one latent $z_j$ runs through the quantiles of its prior and the others rest. In a
disentangled code each strip changes one factor. Latents whose $\mathrm{KL}$ is near zero change nothing: the posterior
equals the prior for every picture, so the decoder has learned to ignore them.
""",
    ),
    Fold(
        "encode-own-picture",
        "Start from your own picture",
        "Draw a shape, or upload a thing or a face: the encoder sets the sliders, and its ELBO follows your hand.",
        r"""
The encoder gives the approximate posterior $Q(z \mid X)$; the sliders start at its mean. Pulling them moves $z$ away from
what the encoder believed, and the distortion $-\log P(X \mid z)$ tells what that costs in nats. A picture unlike those of
the training is answered all the same, with a large distortion.
""",
    ),
    Fold(
        "beta-sweep",
        "The ladder of betas",
        "Draw a digit, and five models redraw it. The dearer the rate, the tidier the map and the blurrier the digit. All five learned for 24,000 steps; below beta 1 the digits gain hardly anything more.",
        r"""
$$\mathcal L_\beta = \underbrace{\mathbb E_{Q}[-\log P(X \mid z)]}_{\text{distortion}} + \beta \, \underbrace{\mathrm{KL}\big(Q(z \mid X) \,\Vert\, P(z)\big)}_{\text{rate}}$$
$\beta = 1$ is minus the ELBO (Kingma & Welling 2014), larger ones the beta-VAE (Higgins et al. 2017). $\beta$ is a price: so many nats of
distortion for a nat of rate. With a Gaussian $P(X \mid z)$ of a fixed $\sigma$ it is the lecture's $\lambda$ up to the factor $2\sigma^2$.
Every $\beta$ gives a point on one curve of rate against distortion (Alemi et al. 2018), where a line of slope $-\beta$ touches it.
$\beta = 0$ leaves the codes where they please, and a random $z$ may draw nothing.
""",
        state={"beta": Choice("1", "0", "0.25", "4", "16"), "digit": Whole(0, 9), "seed": SEED},
        models=("digits-2d-beta0", "digits-2d-beta025", "digits-2d-beta4", "digits-2d-beta16"),
    ),
    Fold(
        "disentanglement-scores",
        "How disentangled is it?",
        "Which latent tells what? Point at a cell; click, and see that latent move.",
        r"""
*MIG* (Chen et al. 2018): for each factor, how far the best latent's mutual information leads over the second's, in parts of
the factor's entropy. *FactorVAE score* (Kim & Mnih 2018): hold one factor fixed; the latent that varies least should tell which one.
*DCI disentanglement* (Eastwood & Williams 2018): predict the factors from the latents; each latent should matter to one alone.
The beta-TCVAE splits the KL term in three, and makes only the middle one dearer:
$$\mathbb E\big[\mathrm{KL}(Q(z \mid X) \Vert P(z))\big] = I(X; z) + \underbrace{\mathrm{KL}\big(Q(z) \,\Vert\, \textstyle\prod_j Q(z_j)\big)}_{\text{total correlation}} + \textstyle\sum_j \mathrm{KL}\big(Q(z_j) \Vert P(z_j)\big).$$
""",
        state={
            "model": Choice("sprites", "sprites-factor", "sprites-beta", "sprites-vae"),
            "cell": Numbers(1000, 2),  # latent, factor
        },
    ),
    Fold(
        "infogan",
        "InfoGAN: codes without an encoder",
        "A GAN whose codes can be read off its pictures. Nobody told it of digits; still, its ten categories became the ten digits. Choose one, and pull its style.",
        r"""
InfoGAN (Chen et al. 2016) feeds the generator a category $c_1 \in \{1, \dots, 10\}$, two continuous codes $c_2, c_3 \in [-1, 1]$ and noise, and
maximizes a lower bound of the information that codes and picture share:
$$\min_{G, Q} \max_D \; V(D, G) - \lambda \, \mathbb E\big[\log Q(c \mid G(z, c))\big].$$
$Q$ shares its features with the discriminator. Nobody told it what a digit is. There is no posterior of $z$, and no ELBO.
Here $Q$ sees real digits too, each in two versions, turned, sheared and moved a little, and is to put both into one category: $\max I(c; c')$ (Ji et al. 2019). The paper does without; on so small a net categories would mix digits otherwise.
""",
        state={"category": Whole(0, 9), "codes": Numbers(1, 2), "noise": SEED},
        models=("digits-infogan",),
    ),
)

TAB = Tab(
    name="sliders",
    title="Sliders",
    order=30,
    lead="One number, one change? <b>Pull.</b>",
    folds=FOLDS,
    stops=STOPS,
    state={"models": Word(), "z": Numbers(40)},  # one or two models, and their codes one after the other
    models=("sprites", "sprites-vae"),
)
