"""The lecture's stops in the tab Why Q, with the lecturer's notes."""

from __future__ import annotations

from vaedemo.app.tab import Chapter, Notes, Stop

STOPS = (
    Stop(
        "Most z say nothing of X",
        (
            "A thousand z of the prior: hardly one draws this digit. log p(X) by such throws is hopeless: "
            "p(X|z) is near 0."
        ),
        Chapter.DERIVATION,
        1,
        Notes(
            ask="Of a thousand throws of the prior, how many will draw this digit?",
            point="Throw again, and read the count. Each dart on the map is a z; a hit would be orange.",
            beware="Another throw may hit once. The sentence below the count says how rare a hit is.",
        ),
        state={"source": "prior", "latents": "2"},
    ),
    Stop(
        "Q says where to look",
        (
            "q(z|X) aims, and nearly all throws hit. What a hit costs the prior is e to the KL(q || p): that "
            "is the rate."
        ),
        Chapter.DERIVATION,
        1,
        Notes(
            ask="What may we pay for a distribution that aims?",
            point=(
                "Nearly all darts hit. In the window on the right they fill the ring of q, and it lies on "
                "the grey posterior."
            ),
            beware="Aiming is not free: the KL to the prior is the price. It comes back as the rate.",
        ),
        state={"source": "q", "latents": "2"},
    ),
    Stop(
        "More latents, dearer hits",
        (
            "With 16 latents p(z) hits a digit once in many thousands of throws, or millions. Without q "
            "nothing is learned."
        ),
        Chapter.DERIVATION,
        0.5,
        Notes(
            ask="With two latents a hit took a thousand throws or so. And with sixteen?",
            point="Read the estimate of how many throws a hit takes now. Its logarithm stands beside it.",
            beware="The map shows two of the sixteen latents. A dart inside the ring may still miss in the others.",
        ),
        state={"source": "prior", "latents": "16"},
    ),
    Stop(
        "Wanted: log P(X)",
        (
            "An integral over all z, of which nearly all give P(X|z) = 0. Here, with two latents, it can be "
            "summed: the line."
        ),
        Chapter.DERIVATION,
        1,
        Notes(
            ask="Why can we not just take the average over many throws of z?",
            point=(
                "The line on the right is log P(X): with two latents the plane can be summed. Few dots came "
                "into the window."
            ),
            beware="The sum takes a moment on a slow machine; a bar shows how far it is.",
        ),
        fold="derivation",
        state={"line": "1"},
    ),
    Stop(
        "How far is Q from the true posterior?",
        (
            "Take any Q and measure KL(Q || P(z|X)). It is at least 0, and 0 only where both are equal. The "
            "slides print > 0."
        ),
        Chapter.DERIVATION,
        0.5,
        Notes(
            ask="When is this KL zero?",
            point="The ring is Q, the grey heat the true posterior. The thin strip is the gap between them.",
            beware="The slides print KL > 0. It is at least 0; say it once, here.",
        ),
        fold="derivation",
        state={"line": "2"},
    ),
    Stop(
        "Bayes' rule; log P(X) comes out",
        "P(z|X) is turned into what we have, P(X|z) and P(z). log P(X) holds no z, so it leaves the expectation.",
        Chapter.DERIVATION,
        1,
        Notes(
            ask="Which factor of Bayes’ rule has no z in it?",
            point="log P(X) lights up alone: it stands still whatever Q does, so it leaves the expectation.",
            beware="Somebody will lose a sign here. Write the three logarithms on the board if they ask.",
        ),
        fold="derivation",
        state={"line": "3"},
    ),
    Stop(
        "The identity",
        "What we want, less the gap, equals two terms that can be computed: reconstruction, less KL to the prior.",
        Chapter.DERIVATION,
        1,
        Notes(
            ask="Which of the four terms can we compute?",
            point=(
                "Read the sentence of figures under the picture: the left side and the right side are the same number."
            ),
            beware="The figures belong to this one digit. Pick another digit, and they change together.",
        ),
        fold="derivation",
        state={"line": "4"},
    ),
    Stop(
        "One Q, or one each",
        (
            "A single ellipse for ten digits leaves nearly all of its throws useless. One each is better by "
            "hundreds of nats."
        ),
        Chapter.DERIVATION,
        0.5,
        Notes(
            ask="One ellipse for all ten digits: where would you put it?",
            point=(
                "Grey bars: minus ELBO with the one ellipse; orange: with one each. The mean difference "
                "stands beside them."
            ),
            beware="Drag the large ring: it gets better for some digits and worse for the rest.",
        ),
        fold="one-q-or-each",
        state={"each": "own"},
    ),
    Stop(
        "Q may look at X",
        "One Q for each picture: the encoder answers with a mean and a sigma.",
        Chapter.DERIVATION,
        0.5,
        Notes(
            ask="Who tells Q where to lie?",
            point="X and the ring light up: the encoder reads X and answers with a mean and two sigmas.",
            beware="It is one net for all pictures. Keep that for “Beat the encoder”.",
        ),
        fold="derivation",
        state={"line": "5"},
    ),
    Stop(
        "The bound: ELBO",
        "The gap is never negative, so the right side lies below log P(X). Raise it, and Q nears the posterior.",
        Chapter.DERIVATION,
        1,
        Notes(
            ask="Can the orange bar ever pass the line?",
            point=(
                "The bar ends below log P(X), and the gap is what is missing. Raise the bar, and Q nears the posterior."
            ),
            beware="For this digit the gap is a fraction of a nat, so it is hard to see. Read the figure.",
        ),
        fold="derivation",
        state={"line": "6"},
    ),
    Stop(
        "Beat the encoder",
        (
            "Your ellipse over the true posterior: what your ELBO gains, the gap to log P(X) loses. Then "
            "look at the encoder's."
        ),
        Chapter.DERIVATION,
        1.5,
        Notes(
            ask="Who can find a better ellipse than the net?",
            point="Let somebody drag, stretch and turn it while all read the gap. Then press “Reveal the encoder”.",
            beware="A turned ellipse can beat the encoder, whose own is upright. That is the lesson, no fault.",
        ),
        fold="beat-the-encoder",
    ),
    Stop(
        "The loss, with the right sign",
        (
            "To be minimized: distortion plus rate. The slides print a minus before the KL; that would drive "
            "the rate up."
        ),
        Chapter.DERIVATION,
        1,
        Notes(
            ask="We minimize now. Which sign has the KL?",
            point="Distortion plus rate: the two bars on the right. With a minus the rate would be driven up.",
            beware="The slides have the minus. Whoever copied it should mend it here.",
        ),
        fold="derivation",
        state={"line": "7"},
    ),
    Stop(
        "L2 is a Gaussian",
        (
            "X = f(z) + eta: a squared error weighs 1 / 2 sigma^2. More noise, and a nat of rate buys less: "
            "the blurrier model wins."
        ),
        Chapter.DERIVATION,
        1,
        Notes(
            ask="What does a squared error say about the pixels?",
            point="Pull sigma: the noisy picture follows, and the cheapest of five models moves to a larger beta.",
            beware="The five were trained with Bernoulli pixels; here their means and codes are only priced.",
        ),
        fold="gaussian-likelihood",
        state={"sigma": "0.5"},
    ),
    Stop(
        "The reparameterization trick",
        "z = mean + sigma * eps. The dice are thrown outside, so that gradients reach mean and sigma.",
        Chapter.TRAINING,
        0.5,
        Notes(
            ask="Can a gradient pass through a throw of the dice?",
            point=(
                "The dots in the ring are mean + sigma · eps. Eps was thrown before, and knows nothing of the encoder."
            ),
            beware="Mean and sigma move nothing in this picture. The next stop has the handles.",
        ),
        fold="derivation",
        state={"line": "8"},
    ),
    Stop(
        "A path for the gradient",
        (
            "Freeze eps, move mean and sigma: every z follows, and its arrow tells mean and sigma where log "
            "p(x|z) rises."
        ),
        Chapter.TRAINING,
        1,
        Notes(
            ask="If I move the mean a little, where does each z go?",
            point=(
                "Drag the ring: all dots follow. Thin arrows say where log p(x|z) rises, thick ones what "
                "mean and sigma are told."
            ),
            beware="The ring was moved off the posterior for this; at the best place there is nothing to see.",
        ),
        fold="reparameterization",
        state={"path": "whole"},
    ),
    Stop(
        "Cut the path",
        "Sampled directly, z is just a number. What is left, the score function, scatters dozens of times wider.",
        Chapter.TRAINING,
        0.5,
        Notes(
            ask="The path is cut. What can we still learn from a z?",
            point=(
                "Compare the two clouds of gradients below: both have one mean, and the score function’s is far wider."
            ),
            beware=(
                "Both are right on average. The difference is how many draws it takes; the figure is on the "
                "stop before."
            ),
        ),
        fold="reparameterization",
        state={"path": "cut"},
    ),
    Stop(
        "What P(X) is good for",
        "It tells digits from noise. But it likes an empty picture best, and it draws nothing: that takes a sampler.",
        Chapter.TESTING,
        1,
        Notes(
            ask="Which picture will the model hold likelier: your digit, or an empty page?",
            point="Read the bars from the top. The digit beats noise by far, and loses to the empty page.",
            beware=(
                "The bars come one by one: the sums take some seconds. Talk about the sampler on the right meanwhile."
            ),
        ),
        fold="density-vs-sampler",
    ),
)
