"""The lecture as guided stops: a table. Each tab brings its own rows; `?present` walks through all of them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stop:
    """`section` is what the page scrolls to and unfolds; `state` is what it sets there, in the words of the page's URL."""

    title: str
    sentence: str
    tab: str
    section: str
    state: dict[str, str] = field(default_factory=dict)


STOPS: tuple[Stop, ...] = (
    Stop(
        "Two numbers draw a digit",
        "A generative model turns a few random numbers into a picture. Here there are two: the dot's place on the map.",
        "sample",
        "map",
    ),
    Stop(
        "The task: draw new samples of X",
        "Throw dice for 784 pixels and you get snow: pictures of digits are a thin sheet in that space. "
        "Throw them for z and let the decoder draw: every throw is a digit.",
        "sample",
        "dice",
        {"seed": "7"},
    ),
    Stop(
        "The architecture",
        "In training: encoder, z = mean + sigma * eps, decoder, whose feature maps grow from 7 to 14 to 28 pixels.",
        "sample",
        "architecture",
        {"encoder": "on"},
    ),
    Stop(
        "At test time the encoder is gone",
        "To sample, drag the encoder away: z comes from N(0, I), and only the decoder is left.",
        "sample",
        "architecture",
        {"encoder": "off"},
    ),
    Stop(
        "A picture becomes a cloud, not a point",
        "Draw a digit. The encoder answers with a mean and a sigma for each latent: q(z|x), an ellipse on the map.",
        "sample",
        "draw",
    ),
    Stop(
        "The manifold",
        "Between two digits the straight way through the pixels is a double exposure; through z every step is a digit.",
        "sample",
        "between",
    ),
    Stop(
        "What the KL term closes",
        "The same net without KL and noise: its codes lie anywhere, and between them are holes that decode to nothing.",
        "sample",
        "holes",
    ),
    Stop(
        "Mean, or sample",
        "What is shown is the mean of p(x|z). A sample of it flips a coin for each pixel.",
        "sample",
        "mean",
    ),
    Stop(
        "The ELBO of a picture",
        "What it costs to say this picture: distortion (pixels, given z) plus rate (z itself), in nats.",
        "sample",
        "elbo",
    ),
)
