"""Tab VAE vs GAN: one photo for all. Who gives it a z, and who draws it sharply?"""

from __future__ import annotations

from vaedemo.app.tab import SEED, Choice, Fold, Numbers, Stop, Tab, Word
from vaedemo.app.tabs.vaegan import server

# The portrait as the models will see it, and places for their answers.
FIRST = """
<div class="vd-race"><div class="five">
  <figure class="vd-figure"><div class="frame"><div class="crop">
    <img src="vaedemo/web/examples/astronaut.jpg" alt="The photo: an astronaut who smiles"></div></div>
    <figcaption><b>Photo</b></figcaption></figure>
  {}
</div></div>
""".format(
    "".join(
        f'<figure class="vd-figure"><div class="frame"></div><figcaption><b>{title}</b></figcaption></figure>'
        for title in ("VAE", "VAE with Dis_l", "VAE/GAN", "GAN")
    )
)

FOLDS: tuple[Fold, ...] = (
    Fold(
        "error",
        "What is an error?",
        "Drag the second picture, blur it, brighten it. Two errors say how far it is from the photo: that of pixels, and that of a discriminator’s features.",
        r"""
A VAE's Gaussian $P(X \mid z)$ compares pixel by pixel: $-\log P(X \mid z) = \tfrac{1}{2\sigma^2} \lVert X - \tilde X \rVert^2 + \text{const}$. A picture that is moved by two pixels is far away
by it, though for us hardly anything has changed; a blurred one is near. Larsen et al. (2016) compare a middle layer of the discriminator, $\mathrm{Dis}_l$, instead:
$$P(\mathrm{Dis}_l(X) \mid z) = \mathcal N\big(\mathrm{Dis}_l(X) \mid \mathrm{Dis}_l(\tilde X), I\big), \qquad
-\log P(\mathrm{Dis}_l(X) \mid z) = \tfrac12 \lVert \mathrm{Dis}_l(X) - \mathrm{Dis}_l(\tilde X) \rVert^2 + \text{const} .$$
Which layer, and which discriminator, is a choice: the paper's learns together with the decoder. The one here is small, and learned afterwards. So that the two errors share a scale,
each is divided by its mean between photographs of two people.
""",
        state={"of": Choice("photo", "faces-vae", "faces-vae-gan"), "change": Numbers(4, 5)},
    ),
    Fold(
        "properties",
        "What each can do",
        "The lecture’s two tables. Press a field: it opens what shows it, and has the measured figure.",
        r"""
A VAE gives $z$ of any $X$ in one step, by $Q(z \mid X)$, and a bound on its probability,
$$\log P(X) \;\ge\; \mathbb E_{Q(z \mid X)}\big[\log P(X \mid z)\big] - \mathrm{KL}\big(Q(z \mid X) \,\Vert\, P(z)\big),$$
but its pictures are blurry. A GAN draws sharp ones. It has no $Q(z \mid X)$, so $z$ is searched for by back-propagation, and no explicit $P(X)$:
what draws with probability one within the curved surface $\{G(z)\}$ gives a photo, which lies beside it, the density zero. The VAE/GAN (Larsen et al. 2016) keeps the
encoder and the rate, and replaces the error of pixels by one in a middle layer of the discriminator,
$$\mathcal L = \mathrm{KL}\big(Q(z \mid X) \,\Vert\, P(z)\big) - \mathbb E_{Q(z \mid X)}\big[\log P(\mathrm{Dis}_l(X) \mid z)\big] + \mathcal L_{\mathrm{GAN}} .$$
Its decoder and a Gaussian on pixels, whose $\sigma$ is measured, still make a VAE: that one has a bound, which nobody raised.
""",
        state={"part": Choice("table", "bound")},
    ),
    Fold(
        "architecture",
        "The net as it is",
        "One z through the decoder, layer by layer: what DCGAN’s practices look like in a net that works.",
        r"""
*DCGAN* (Radford et al. 2016) collected what made GANs of convolutions train: strided convolutions in place of pooling, so that the net learns its own way to change size; BatchNorm after them;
no large fully connected layers; ReLU in the generator, LeakyReLU in the discriminator. The decoder here follows them, and is the same for all four models. While a net learns, BatchNorm computes
$$y = \gamma \, \frac{x - \mathbb E[x]}{\sqrt{\operatorname{Var}[x] + \epsilon}} + \beta$$
from the batch. Afterwards mean and variance are constants, so the whole is one scale and one shift a map: they are multiplied into the convolution before it. What your browser runs has no BatchNorm any more.
The discriminators that taught the GAN hold to other rules: spectral norm, and a frozen net under them (Sauer et al. 2021).
""",
        state={"model": Choice("faces-vae", "faces-vae-dis", "faces-vae-gan", "faces-gan"), "seed": SEED},
    ),
)

STOPS = (
    Stop(
        "One photo for all",
        "The VAE answers in one step, and blurs. The GAN draws sharply, and has to search: it was given no encoder.",
    ),
    Stop(
        "What is an error?",
        "Shifted by four pixels: for us the same face. Two bars say how far away pixels and features take it to be.",
        fold="error",
        state={"of": "photo", "change": "4,0,0,0,0"},
    ),
    Stop(
        "A blur is another error",
        "Blurred a little, each pixel is nearly right, and the face looks wrong. That is the error a VAE learns from.",
        fold="error",
        state={"of": "photo", "change": "0,0,1.2,0,0"},
    ),
    Stop(
        "What each can do",
        "Easy to find z, an explicit P(X), sharp samples: the two tables, and a measured figure for each field.",
        fold="properties",
        state={"part": "table"},
    ),
    Stop(
        "A bound, and none",
        "The VAE’s ELBO of this portrait in nats. A GAN has no bound: there is nothing to compute.",
        fold="properties",
        state={"part": "bound"},
    ),
    Stop(
        "Closing remarks",
        "DCGAN’s practices, on the net as it is: strides in place of pooling, BatchNorm, ReLU.",
        fold="architecture",
        state={"model": "faces-vae-gan"},
    ),
)

TAB = Tab(
    name="vaegan",
    title="VAE vs GAN",
    order=40,
    lead="One photo, four models. <b>Whose z is it?</b>",
    first=FIRST,
    folds=FOLDS,
    stops=STOPS,
    state={"photo": Word(), "seed": SEED},
    routes=server.ROUTES,
    endpoints=server.ENDPOINTS,
)
