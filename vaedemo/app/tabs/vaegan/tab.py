"""Tab VAE vs GAN: one photo for all. Who gives it a z, and who draws it sharply?"""

from __future__ import annotations

from vaedemo.app.tab import SEED, Choice, Fold, Numbers, Tab, Whole, Word
from vaedemo.app.tabs.vaegan import server
from vaedemo.app.tabs.vaegan.stops import STOPS

# The portrait as the models will see it, and places for their answers.
FIRST = """
<div class="vd-race"><div class="five">
  <figure class="vd-figure"><div class="frame"><div class="crop">
    <img src="vaedemo/web/examples/astronaut.jpg" loading="lazy" alt="The photo: an astronaut who smiles"></div></div>
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
        "dice",
        "Dice",
        "The same place holds the same z in all four. Throw, or turn the temperature; a click shows one z large.",
        r"""
Drawing is the same for all of them: $z \sim \mathcal N(0, I)$, then the decoder. What differs is why this should give a face. For the GAN (Goodfellow et al. 2014) it is the
objective itself: the generator $G$ meets the prior and nothing else,
$$\min_G \max_D \; \mathbb E_{X} \log D(X) + \mathbb E_{z \sim \mathcal N(0, I)} \log\big(1 - D(G(z))\big) .$$
Ours has the hinge loss in place of the logarithms. The VAE's decoder is only taught with $z \sim Q(z \mid X)$ of photographs. That the prior leads there too, the ELBO pays for:
$$\log P(X) \;\ge\; \mathbb E_{Q}\big[\log P(X \mid z)\big] - \mathrm{KL}\big(Q(z \mid X) \,\Vert\, \mathcal N(0, I)\big) .$$
Where codes leave holes under the prior, it draws what nobody taught it. A picture of the VAE is the *mean* of $P(X \mid z)$, hence smooth; the GAN has no $P(X \mid z)$ to be the mean of.
The temperature multiplies $z$: towards 0 all faces become the one at the prior's mean, above 1 they lie where neither prior nor codes are dense.
""",
        state={"seed": SEED, "temperature": Numbers(1.5, 1), "picked": Whole(0, 23)},
    ),
    Fold(
        "pull",
        "Pull",
        "All four models under one hand. Each has vectors of its own for a smile, for glasses; pull, and look who stays the same person.",
        r"""
No model here was told an attribute. But where codes of photographs with glasses lie on one side, and those without on another, the difference of the two means points there (Larsen et al. 2016):
$$v_a = \operatorname{mean}\{z(X) : a \text{ in } X\} - \operatorname{mean}\{z(X) : a \text{ not in } X\}, \qquad z' = z + t\, v_a .$$
With an encoder $z(X)$ is the mean of $Q(z \mid X)$, one step a photograph. For the GAN each $z(X)$ is $\arg\min_z \lVert X - G(z) \rVert^2$, found by back-propagation through the generator.
A vector holds whatever goes together in the photographs: what a hat hides, who wears lipstick. “Male” and “young” are what labellers saw, no facts about a person.
A space has directions of its own, too: with $J$ the slope of the pixels by $z$, the first eigenvectors of $\mathbb E_z[J^\top J]$ change pictures most.
""",
        state={
            "from": Choice("portrait", "dice"),
            "seed": SEED,
            "attributes": Numbers(3, 12),
            "directions": Numbers(4, 4),
        },
    ),
    Fold(
        "blend",
        "Two photos blended",
        "From the portrait to a second photo: along z in every model, and beside it the plain cross-fade of pixels.",
        r"""
A cross-fade is the mean of two pictures, $(1 - t)\, X_1 + t\, X_2$: in between one sees both, and no face has four eyes. Between the *codes* every step is decoded, so it is a picture that the model draws:
$$X(t) = f\big(z(t)\big), \qquad z(t) = \frac{\sin\big((1 - t)\,\omega\big)}{\sin \omega}\, z_1 + \frac{\sin(t\,\omega)}{\sin \omega}\, z_2, \qquad \omega = \angle(z_1, z_2) .$$
This is the arc for codes of one length; else the length passes linearly. In 64 dimensions nearly all of $\mathcal N(0, I)$ lies near a shell of radius 8. The straight line cuts through the hollow, where $z$ is shorter than
nearly every $z$ that a GAN was taught with (White 2016). An encoder gives $z_1$ and $z_2$ in one step each. For the GAN both are searched for, and the ends show how near the search came.
""",
        state={"t": Whole(0, 100), "path": Choice("arc", "line"), "second": Word()},
    ),
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
        "discriminator",
        "Fool the discriminator",
        "Throw z, or pull it, and watch the score of each picture, and where it gives itself away.",
        r"""
With as many photographs as drawn pictures the best discriminator is (Goodfellow et al. 2014)
$$D^*(X) = \frac{P_{\text{data}}(X)}{P_{\text{data}}(X) + P_G(X)} ,$$
the probability that $X$ is a photograph: one half where both are equally dense. It needs neither density, only examples of both. This one judges each of 8 by 8 places of the
picture and takes the mean of their log odds (Isola et al. 2017); spectral norm and a smoothed answer keep it from being certain. What it has learned is to tell photographs from what *these* decoders
draw: it is no detector of forgeries.
""",
        state={"seed": SEED, "direction": SEED, "pull": Numbers(8, 1)},
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
        "attribute-table",
        "The attribute table",
        "Ask for a smile and glasses: which model draws what was asked, as a net reads it that none of them knows?",
        r"""
Larsen et al. (2016) ask whether a picture shows what was asked of it. An *attribute vector* is the mean code of faces with an attribute minus the mean code of those without,
$$v_a = \mathbb E[z \mid a] - \mathbb E[z \mid \neg a], \qquad z' = z + v_a .$$
A face is drawn from a code that was moved so; a net that learned attributes from photographs alone reads it; its answer is compared with what was asked, by the cosine of the two vectors and by
their squared error. The GAN gives no codes of photographs, so its vectors come from codes that were searched for. A reader has its own errors: what it reads in the people's own photographs is the
last row.
""",
        state={"asked": Whole(0, 63), "seed": SEED, "far": Numbers(2, 1)},
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
    examples=(server.ask_examples,),
    models=("faces-vae", "faces-vae-dis", "faces-vae-gan", "faces-gan"),
)
