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
        "prior-samples",
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
        "posterior-of-a-drawing",
    ),
    Stop(
        "The manifold",
        "Halfway between two digits, the pixels are a double exposure. On the way through z, every step is a digit.",
        "sample",
        "interpolation",
    ),
    Stop(
        "What the KL term closes",
        "The same net without KL and noise leaves holes between its codes: a random z there draws nothing.",
        "sample",
        "latent-holes",
    ),
    Stop(
        "More than two numbers",
        "With 32 latents pictures are sharper. Each pays a rate in nats; one that does not earn it is switched off.",
        "sample",
        "more-latents",
    ),
    Stop(
        "Mean, or sample",
        "The decoder gives each pixel a chance of ink. Shown is that mean; a sample of p(x|z) flips a coin for each.",
        "sample",
        "mean-vs-sample",
    ),
    Stop(
        "The ELBO of a picture",
        "What your picture costs in nats: pixels given z (distortion), and z itself (rate). Strange ones cost more.",
        "sample",
        "elbo",
    ),
    Stop(
        "Most z say nothing of X",
        "A thousand z of the prior: hardly one draws this digit. log p(X) by such throws is hopeless: p(X|z) is "
        "near 0.",
        "whyq",
        "map",
        {"hand": "prior", "latents": "2"},
    ),
    Stop(
        "Q says where to look",
        "q(z|X) aims, and nearly all throws hit. What a hit costs the prior is e to the KL(q || p): that is the rate.",
        "whyq",
        "map",
        {"hand": "q", "latents": "2"},
    ),
    Stop(
        "More latents, dearer hits",
        "With 16 latents p(z) hits a digit once in many thousands of throws, or millions. Without q nothing is "
        "learned.",
        "whyq",
        "map",
        {"hand": "prior", "latents": "16"},
    ),
    Stop(
        "Wanted: log P(X)",
        "An integral over all z, of which nearly all give P(X|z) = 0. Here, with two latents, it can be summed: "
        "the line.",
        "whyq",
        "derivation",
        {"line": "1"},
    ),
    Stop(
        "How far is Q from the true posterior?",
        "Take any Q and measure KL(Q || P(z|X)). It is at least 0, and 0 only where both are equal. The slides "
        "print > 0.",
        "whyq",
        "derivation",
        {"line": "2"},
    ),
    Stop(
        "Bayes' rule; log P(X) comes out",
        "P(z|X) is turned into what we have, P(X|z) and P(z). log P(X) holds no z, so it leaves the expectation.",
        "whyq",
        "derivation",
        {"line": "3"},
    ),
    Stop(
        "The identity",
        "What we want, less the gap, equals two terms that can be computed: reconstruction, less KL to the prior.",
        "whyq",
        "derivation",
        {"line": "4"},
    ),
    Stop(
        "One Q, or one each",
        "A single ellipse for ten digits leaves nearly all of its throws useless. One each is better by hundreds "
        "of nats.",
        "whyq",
        "one-q-or-each",
        {"each": "own"},
    ),
    Stop(
        "Q may look at X",
        "One Q for each picture: the encoder answers with a mean and a sigma.",
        "whyq",
        "derivation",
        {"line": "5"},
    ),
    Stop(
        "The bound: ELBO",
        "The gap is never negative, so the right side lies below log P(X). Raise it, and Q nears the posterior.",
        "whyq",
        "derivation",
        {"line": "6"},
    ),
    Stop(
        "Beat the encoder",
        "Your ellipse over the true posterior: what your ELBO gains, the gap to log P(X) loses. Then look at the "
        "encoder's.",
        "whyq",
        "beat-the-encoder",
    ),
    Stop(
        "The loss, with the right sign",
        "To be minimized: distortion plus rate. The slides print a minus before the KL; that would drive the rate up.",
        "whyq",
        "derivation",
        {"line": "7"},
    ),
    Stop(
        "L2 is a Gaussian",
        "X = f(z) + eta: a squared error weighs 1 / 2 sigma^2. More noise, and a nat of rate buys less: the "
        "blurrier model wins.",
        "whyq",
        "gaussian-likelihood",
        {"noisy": "0.5"},
    ),
    Stop(
        "The reparameterization trick",
        "z = mean + sigma * eps. The dice are thrown outside, so that gradients reach mean and sigma.",
        "whyq",
        "derivation",
        {"line": "8"},
    ),
    Stop(
        "A path for the gradient",
        "Freeze eps, move mean and sigma: every z follows, and its arrow tells mean and sigma where log p(x|z) rises.",
        "whyq",
        "reparameterization",
        {"path": "whole"},
    ),
    Stop(
        "Cut the path",
        "Sampled directly, z is just a number. What is left, the score function, scatters dozens of times wider.",
        "whyq",
        "reparameterization",
        {"path": "cut"},
    ),
    Stop(
        "What P(X) is good for",
        "It tells digits from noise. But it likes an empty picture best, and it draws nothing: that takes a sampler.",
        "whyq",
        "density-vs-sampler",
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
        "traversals",
    ),
    Stop(
        "How to get there: a dearer rate",
        "Beta is what a nat of rate costs. Dearer, the codes crowd under the prior, and the digit loses its edge.",
        "sliders",
        "beta-sweep",
        {"price": "4"},
    ),
    Stop(
        "What beta buys, and what it costs",
        "Five betas, one curve: with less rate comes more distortion. Beta = 1 is the price at which the ELBO is best.",
        "sliders",
        "beta-sweep",
        {"price": "1"},
    ),
    Stop(
        "How disentangled is it?",
        "What each latent tells of each factor. The MIG asks how far the best latent leads over the second.",
        "sliders",
        "disentanglement-scores",
        {"measured": "sprites"},
    ),
    Stop(
        "InfoGAN: codes without an encoder",
        "Nobody told it of digits; its categories are the digits; codes turn the style. No q(z|x), no ELBO.",
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
        "labels-by-style",
        {"styles": "3"},
    ),
    Stop(
        "Your own style",
        "Draw one digit. The encoder reads its style, and the decoder writes the other nine in your hand.",
        "attributes",
        "restyle-digit",
    ),
    Stop(
        "A face, described",
        "The same z, another description: y is a vector of attributes now. Pull one, and read what else moved.",
        "attributes",
        "attribute-sliders",
        {"face": "0"},
    ),
    Stop(
        "Many faces, one description",
        "What y does not say is free: each z is another answer to the same description.",
        "attributes",
        "many-people",
    ),
    Stop(
        "Why samples are smooth",
        "z does not say how each hair lies, so the mean of P(X | z, y) shows none of them. A critic wants one picture.",
        "attributes",
        "mean-vs-critic",
    ),
    Stop(
        "Attribute-conditioned progression",
        "Along a row one attribute passes from -1 to 1 and all else is kept. Ask whether a row is still one person.",
        "attributes",
        "attribute-sweep",
        {"sweep": "Smiling"},
    ),
    Stop(
        "Complete what is hidden",
        "Paint over a part of a face: only visible pixels count, and several z explain them equally well.",
        "attributes",
        "own-photo",
    ),
    Stop(
        "A person, and what is behind",
        "The disCVAE draws person and background from a z each, and a gate lays one over the other.",
        "attributes",
        "foreground-background",
    ),
    Stop(
        "Half a digit",
        "The condition may be a part of the picture. A net without z gives one grey answer, the CVAE many sharp ones.",
        "attributes",
        "structured-prediction",
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
        "diversity",
    ),
    Stop(
        "A mixture density net",
        "P(z | grey) is a mixture of eight Gaussians. Between two of their means, z slides from answer to answer.",
        "colorization",
        "interpolation",
    ),
    Stop(
        "One hint, and the whole picture follows",
        "Dab a color: draws that contradict it fade. It is the posterior of z, and one z paints all of the picture.",
        "colorization",
        "color-hint",
    ),
    Stop(
        "What each term of the loss is for",
        "Rare colors count more, the layout of colors counts, edges count. Leave one term out, and see what is lost.",
        "colorization",
        "loss-terms",
    ),
    Stop(
        "MDN, CVAE, regression",
        "Eight answers to this photo, eight draws of a prior that never saw it, one mean: ask whose best is nearest.",
        "colorization",
        "methods",
    ),
    Stop(
        "One image, many futures",
        "Nobody can know which way this car goes. Each future is one z, drawn from N(0, I), on the same still.",
        "motion",
        "map",
        {"scene": "fork-3"},
    ),
    Stop(
        "Trajectories, not pixels",
        "Each cell's way is five numbers of a cosine transform an axis. Draws fall into groups; bright is unsure.",
        "motion",
        "future-clusters",
    ),
    Stop(
        "Three towers",
        "An image tower reads the still, a decoder tower moves it by z; an encoder tower is for training only. Pull z.",
        "motion",
        "interpolation",
    ),
    Stop(
        "z holds what the picture lacks",
        "Encode one clip and play its z on another still: the way comes along, roads and car are the new still's.",
        "motion",
        "transfer",
    ),
    Stop(
        "One hint",
        "Drag an arrow: futures that contradict it fade. One z moves the whole body, so the rest follows.",
        "motion",
        "motion-hint",
    ),
    Stop(
        "The mean of all futures is no future",
        "A regressor does best with the mean. Of two ways it takes the middle, where there is no road.",
        "motion",
        "mean-prediction",
    ),
    Stop(
        "How likely was what happened?",
        "Parzen windows around samples: proposed 11082, regressor 11563, optical flow 11734. And the best of K.",
        "motion",
        "evaluation",
    ),
)
