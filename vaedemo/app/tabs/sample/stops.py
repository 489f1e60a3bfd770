"""The lecture's stops in the tab Sample, with the lecturer's notes."""

from __future__ import annotations

from vaedemo.app.tab import Chapter, Notes, Stop

STOPS = (
    Stop(
        "Two numbers draw a digit",
        (
            "A generative model turns a few random numbers into a picture. Here they are two: the dot's "
            "place on the map."
        ),
        Chapter.RECAP,
        1.5,
        Notes(
            ask="How many numbers does it take to say which digit this is, and how it is written?",
            point=(
                "Drag the dot from the ones to the zeros. Then draw a digit: the dot jumps to where the "
                "encoder sees it."
            ),
            beware=(
                "A badly drawn digit comes back as another one. Two numbers are few; say so, and throw the dot again."
            ),
        ),
    ),
    Stop(
        "The task: draw a new X",
        (
            "Dice for all 784 pixels give snow. Dice for z give digits: the decoder has learned which pixels "
            "go together."
        ),
        Chapter.RECAP,
        1,
        Notes(
            ask="Would dice for 784 pixels ever show a digit, if we had until tomorrow?",
            point=(
                "Both squares were thrown. Left only 32 numbers for each digit were, right every pixel. "
                "Throw twice more."
            ),
            beware="Some draws are no digit. That is honest: the prior also hits places between the codes.",
        ),
        fold="prior-samples",
        state={"seed": "7"},
    ),
    Stop(
        "The manifold",
        "Halfway between two digits, the pixels are a double exposure. On the way through z, every step is a digit.",
        Chapter.MANIFOLD,
        1.5,
        Notes(
            ask="What lies halfway between a 3 and an 8?",
            point=(
                "Pull the slider to the middle: the pixels show both digits, z shows one. On the map follow "
                "the line and the arc."
            ),
            beware=(
                "With two latents line and arc lie close together. Choose the model of 32 latents to see them apart."
            ),
        ),
        fold="interpolation",
    ),
    Stop(
        "A picture becomes a cloud, not a point",
        "Draw a digit. The encoder answers with q(z|x), an ellipse on the map; every z in it draws nearly the same.",
        Chapter.VAE,
        1,
        Notes(
            ask="Why should an encoder not simply answer with one z?",
            point=(
                "The ellipse on the map, and the twelve draws from it below: nearly one digit. Draw one that "
                "could be two."
            ),
            beware="The ellipse is small. Sigma stands in figures below the map, beside what it costs to say z.",
        ),
        fold="posterior-of-a-drawing",
    ),
    Stop(
        "What the KL term closes",
        "The same net without KL and noise leaves holes between its codes: a random z there draws nothing.",
        Chapter.VAE,
        1,
        Notes(
            ask="Both nets redraw digits equally well. Which of them can draw new ones?",
            point=(
                "Press “Jump to a hole”: no code of a test digit is near, and the autoencoder draws no digit "
                "there. The VAE does."
            ),
            beware="The two maps are not on one scale: the autoencoder’s codes lie where they please.",
        ),
        fold="latent-holes",
    ),
    Stop(
        "More than two numbers",
        "With 32 latents pictures are sharper. Each pays a rate in nats; one that does not earn it is switched off.",
        Chapter.VAE,
        1,
        Notes(
            ask="Which of the 32 sliders would you pull to turn this digit into another?",
            point=(
                "The grey bars are the rate of each latent in nats, the dearest first. Below them lie the "
                "ones that carry little."
            ),
            beware=(
                "One slider seldom has one meaning here. Do not promise more: that is the chapter on disentangling."
            ),
        ),
        fold="more-latents",
    ),
    Stop(
        "Training: encoder and decoder",
        (
            "The encoder turns a picture into a mean and a sigma; z = mean + sigma · eps; the decoder draws "
            "it back, from 7 to 14 to 28 pixels."
        ),
        Chapter.TRAINING,
        1.5,
        Notes(
            ask="Where in this net is the dice thrown?",
            point=(
                "From left to right: picture, maps, mean and sigma, eps, z, maps, picture. Press “Throw "
                "eps”: only the right half changes."
            ),
            beware="Sigma is small, so the picture changes little with eps. That is right, not broken.",
        ),
        fold="architecture",
        state={"encoder": "on"},
    ),
    Stop(
        "Testing: the encoder is gone",
        "To draw something new there is nothing to encode: z comes from N(0, I), and the decoder does the rest.",
        Chapter.TESTING,
        1,
        Notes(
            ask="We want a new digit. Which half of the net do we need?",
            point=(
                "The left half is gone. Press “Throw z”: z comes from N(0, I), and the maps light up to the "
                "right of it."
            ),
            beware="Now and then a z lies between two digits. Throw again.",
        ),
        fold="architecture",
        state={"encoder": "off"},
    ),
    Stop(
        "Mean, or sample",
        "The decoder gives each pixel a chance of ink. Shown is that mean; a sample of p(x|z) flips a coin for each.",
        Chapter.TESTING,
        1,
        Notes(
            ask="Which of the two pictures did the model draw?",
            point=(
                "Left a sample: each pixel is a coin. Pull the average from 1 to 256 samples, and the mean appears."
            ),
            beware=(
                "The samples look worse than the mean. The model holds pixels to be independent given z; say that now."
            ),
        ),
        fold="mean-vs-sample",
    ),
    Stop(
        "The ELBO of a picture",
        "What your picture costs in nats: pixels given z (distortion), and z itself (rate). Strange ones cost more.",
        Chapter.TESTING,
        0.5,
        Notes(
            ask="Which picture costs more nats: a digit, or a scribble?",
            point=(
                "The grey bar is the distortion, the orange part the rate. Press “Noise” or “Inverted”, and "
                "compare with the average below."
            ),
            beware="Cheap is not beautiful: a picture with little ink costs little.",
        ),
        fold="elbo",
    ),
)
