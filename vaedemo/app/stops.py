"""The lecture as guided stops: a table. Each tab brings its own rows; `?present` walks through all of them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stop:
    """Where the tour halts: the fold `section` of a tab ("map": what the tab opens with), and one sentence.

    `state` is what the section then shows, in the words of the page's address.
    """

    title: str
    sentence: str
    tab: str
    section: str
    state: dict[str, str] = field(default_factory=dict)


STOPS: tuple[Stop, ...] = (
    Stop(
        "Two numbers draw a digit",
        "A generative model turns a few random numbers into a picture. Here they are two: the dot's place on the map.",
        "sample",
        "map",
    ),
    Stop(
        "The task: draw a new X",
        "Dice for all 784 pixels give snow. Dice for z give digits: the decoder has learned which pixels go together.",
        "sample",
        "dice",
        {"seed": "7"},
    ),
    Stop(
        "Training: encoder and decoder",
        "The encoder turns a picture into a mean and a sigma; z = mean + sigma · eps; the decoder draws it back, "
        "from 7 to 14 to 28 pixels.",
        "sample",
        "architecture",
        {"encoder": "on"},
    ),
    Stop(
        "Testing: the encoder is gone",
        "To draw something new there is nothing to encode: z comes from N(0, I), and the decoder does the rest.",
        "sample",
        "architecture",
        {"encoder": "off"},
    ),
    Stop(
        "A picture becomes a cloud, not a point",
        "Draw a digit. The encoder answers with q(z|x), an ellipse on the map; every z in it draws nearly the same.",
        "sample",
        "draw",
    ),
    Stop(
        "The manifold",
        "Halfway between two digits, the pixels are a double exposure. On the way through z, every step is a digit.",
        "sample",
        "between",
    ),
    Stop(
        "What the KL term closes",
        "The same net without KL and noise leaves holes between its codes: a random z there draws nothing.",
        "sample",
        "holes",
    ),
    Stop(
        "More than two numbers",
        "With 32 latents pictures are sharper. Each pays a rate in nats; one that does not earn it is switched off.",
        "sample",
        "bank",
    ),
    Stop(
        "Mean, or sample",
        "The decoder gives each pixel a chance of ink. Shown is that mean; a sample of p(x|z) flips a coin for each.",
        "sample",
        "mean",
    ),
    Stop(
        "The ELBO of a picture",
        "What your picture costs in nats: pixels given z (distortion), and z itself (rate). Strange ones cost more.",
        "sample",
        "elbo",
    ),
    Stop(
        "Disentangle: one latent, one factor",
        "Pull one latent. Left, one thing changes; right, in a plain VAE of the same net, several change at once.",
        "sliders",
        "map",
    ),
    Stop(
        "Which latent does what?",
        "A strip for each latent: it moves, the others rest. One factor a strip is the aim; dead ones change nothing.",
        "sliders",
        "strips",
    ),
    Stop(
        "How to get there: a dearer rate",
        "Beta is what a nat of rate costs. Dearer, the codes crowd under the prior, and the digit loses its edge.",
        "sliders",
        "ladder",
        {"price": "4"},
    ),
    Stop(
        "What beta buys, and what it costs",
        "Five betas, one curve: with less rate comes more distortion. Beta = 1 is the price at which the ELBO is best.",
        "sliders",
        "ladder",
        {"price": "1"},
    ),
    Stop(
        "How disentangled is it?",
        "What each latent tells of each factor. The MIG asks how far the best latent leads over the second.",
        "sliders",
        "measures",
        {"measured": "sprites"},
    ),
    Stop(
        "InfoGAN: codes without an encoder",
        "Nobody told it of digits; two thirds fall into its categories; codes turn the style. No q(z|x), no ELBO.",
        "sliders",
        "infogan",
    ),
    Stop(
        "What if we have labels?",
        "Tell encoder and decoder the label; every term is just given y. Hold z and turn the label: the style stays.",
        "attributes",
        "map",
    ),
    Stop(
        "Same style, ten classes",
        "One z down each column, one label along each row. What y says, z need not say: left for z is the style.",
        "attributes",
        "classes",
        {"styles": "3"},
    ),
    Stop(
        "Your own style",
        "Draw one digit. The encoder reads its style, and the decoder writes the other nine in your hand.",
        "attributes",
        "restyle",
    ),
    Stop(
        "A face, described",
        "The same z, another description: y is a vector of attributes now. Pull one, and read what else moved.",
        "attributes",
        "faces",
        {"face": "0"},
    ),
    Stop(
        "Many faces, one description",
        "What y does not say is free: each z is another answer to the same description.",
        "attributes",
        "people",
    ),
    Stop(
        "Attribute-conditioned progression",
        "Along a row one attribute passes from -1 to 1 and all else is kept. Ask whether a row is still one person.",
        "attributes",
        "progression",
        {"sweep": "Smiling"},
    ),
    Stop(
        "Complete what is hidden",
        "Paint over a part of a face: only visible pixels count, and several z explain them equally well.",
        "attributes",
        "photo",
    ),
    Stop(
        "A person, and what is behind",
        "The disCVAE draws person and background from a z each, and a gate lays one over the other.",
        "attributes",
        "layers",
    ),
    Stop(
        "Half a digit",
        "The condition may be a part of the picture. A net without z gives one grey answer, the CVAE many sharp ones.",
        "attributes",
        "quadrant",
    ),
    Stop(
        "One grey photo, many answers",
        "Nobody can know what color this car is. One answer is wrong at once; here are eight, with weights.",
        "colorization",
        "map",
        {"photo": "car"},
    ),
    Stop(
        "The mean is brown",
        "Where the eight differ, their mean has a color that none has. And dice for each cell alone are confetti.",
        "colorization",
        "disagree",
    ),
    Stop(
        "A mixture density net",
        "P(z | grey) is a mixture of eight Gaussians. Between two of their means, z slides from answer to answer.",
        "colorization",
        "slide",
    ),
    Stop(
        "One hint, and the whole picture follows",
        "Dab a color: draws that contradict it fade. It is the posterior of z, and one z paints all of the picture.",
        "colorization",
        "hint",
    ),
    Stop(
        "What each term of the loss is for",
        "Rare colors count more, the layout of colors counts, edges count. Leave one term out, and see what is lost.",
        "colorization",
        "terms",
    ),
    Stop(
        "MDN, CVAE, regression",
        "Eight different answers, eight that look alike, one. Count the error of the best, and how much they differ.",
        "colorization",
        "methods",
    ),
)
