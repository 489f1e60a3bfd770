"""The lecture's stops in the tab Learn, with the lecturer's notes."""

from __future__ import annotations

from vaedemo.app.tab import Chapter, Notes, Stop

STOPS = (
    Stop(
        "Recap: GAN, the other way",
        "Eight Gaussians: the VAE covers all and blurs between. Watch which of them the GAN finds, and loses.",
        Chapter.RECAP,
        2,
        Notes(
            ask="Eight clusters of points. Which of the two will find them all?",
            point=(
                "Left the VAE covers all and leaves points between; right the GAN, red where the "
                "discriminator believes it."
            ),
            beware=(
                "With these settings the GAN often finds all eight. Press “Another seed”, or choose the "
                "spiral, and watch the curves."
            ),
        ),
        fold="points",
        state={"set": "gaussians"},
    ),
    Stop(
        "Training, before your eyes",
        "Batch, eps, forward, loss, gradients, Adam: the map goes from grey to digits, and the bound's terms fall.",
        Chapter.TRAINING,
        1.5,
        Notes(
            ask="The net knows nothing. What will it learn first?",
            point="Map from grey to digits, codes that drift apart, distortion that falls while the rate rises.",
            beware=(
                "The speed depends on this machine: about half a minute to good digits. Let it run while you talk."
            ),
        ),
        state={"beta": "1", "z": "2", "noise": "on"},
    ),
    Stop(
        "A step of the training",
        "A minibatch, eps, forward, L, backward, Adam. Arrows: where the loss pushes each mean and each sigma.",
        Chapter.TRAINING,
        1,
        Notes(
            ask="What does the loss want of each mean and each sigma?",
            point="Seven lines of a step; the sixth is lit. Arrows: minus the gradient. Press “Next line” for Adam.",
            beware="At the start all rings lie on the prior. Press “Skip 200 steps”, and ask again.",
        ),
        fold="one-step",
        state={"line": "6"},
    ),
    Stop(
        "Beta sets the price of the rate",
        "At beta 16 a nat of rate is dear: codes are pulled under the prior, and the digits blur.",
        Chapter.TRAINING,
        1,
        Notes(
            ask="I set beta to 16. What happens to the codes?",
            point=(
                "The codes run to the middle, the rate falls, the digits blur. Pull beta back, and they come "
                "apart again."
            ),
            beware="It takes some seconds. The step in the curves is the moment of the change.",
        ),
        state={"beta": "16", "z": "2", "noise": "on"},
    ),
    Stop(
        "Latents that die",
        "Sixteen latents, beta 4: some carry nothing and are grey. Warm-up gives them time to become useful.",
        Chapter.TRAINING,
        0.5,
        Notes(
            ask="Sixteen latents, and a dear rate. How many will be used?",
            point="Grey bars are latents that carry nothing. Press “Warm-up” and “Again”.",
            beware="How many die differs from seed to seed. The count stands in the line below.",
        ),
        state={"beta": "4", "z": "16", "noise": "on"},
    ),
    Stop(
        "Not covered: features for ten labels",
        (
            "A VAE learned features without a label. Ten labels, one of each digit, are handed on: look at "
            "what is wrong now."
        ),
        Chapter.NOT_COVERED,
        1,
        Notes(
            ask="Ten labels for two thousand digits: how many will be right?",
            point=(
                "The map colors itself from ten dots. Compare pixels and latents in the table, and press “Mistakes”."
            ),
            beware="First the page draws two thousand digits, which takes some seconds on a slow machine.",
        ),
        fold="ten-labels",
        state={"labels": "0,11,22,33,44,55,66,77,88,99"},
    ),
    Stop(
        "Not covered: M1, M2, and both",
        (
            "Semi-supervised: M1 classifies codes; in M2 the label is a latent that is seen for a few. "
            "Errors on MNIST's test digits."
        ),
        Chapter.NOT_COVERED,
        0.5,
        Notes(
            ask="What if the label is a latent that we see for a few?",
            point=(
                "A row is a model; the paper’s figure stands below ours. Semi-supervised learning is where to read on."
            ),
            beware="Ours are not quite the paper’s: the line below the table says in what. A dash was not measured.",
        ),
        fold="few-labels-table",
    ),
    Stop(
        "Not covered: one style, ten labels",
        "M2 reads a digit's style z, and draws it under every label. Pull a latent: the whole row follows.",
        Chapter.NOT_COVERED,
        0.5,
        Notes(
            ask="Nobody told M2 what a style is. What will z hold, if the label is known?",
            point="Along a row the style stays and the label changes. Press “Another style for this row”, or draw a digit.",
            beware="Where the model misreads a digit, its row begins from another label: the frame shows which.",
        ),
        fold="styles",
        state={"model": "digits-m2"},
    ),
)
