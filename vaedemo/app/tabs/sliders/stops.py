"""The lecture's stops in the tab Sliders, with the lecturer's notes."""

from __future__ import annotations

from vaedemo.app.tab import Chapter, Notes, Stop

STOPS = (
    Stop(
        "Disentangle: one latent, one factor",
        "Pull one latent. Left, one thing changes; right, in a plain VAE of the same net, several change at once.",
        Chapter.DISENTANGLING,
        1,
        Notes(
            ask="Pull one slider: how many things change on the left, and how many on the right?",
            point=(
                "Left the beta-TCVAE, right a plain VAE of the same net. Pull x, then scale. The grey sliders are dead."
            ),
            beware=(
                "Shape and orientation stay mixed on the left too. Say that the words beside a slider are measured."
            ),
        ),
    ),
    Stop(
        "Which latent does what?",
        (
            "A strip for each latent: it moves, the others rest. One factor a strip is the aim; dead ones "
            "change nothing."
        ),
        Chapter.DISENTANGLING,
        1,
        Notes(
            ask="Which strips show one change only?",
            point=(
                "Go down the left column: place, place, size. On the right a strip often changes several "
                "things at once."
            ),
            beware="The lower strips hardly move. They are unused latents, not missing pictures.",
        ),
        fold="traversals",
    ),
    Stop(
        "How to get there: a dearer rate",
        "Beta is what a nat of rate costs. Dearer, the codes crowd under the prior, and the digit loses its edge.",
        Chapter.DISENTANGLING,
        1,
        Notes(
            ask="What happens if a nat of rate costs four nats of distortion?",
            point="From left to right beta grows: the digit loses its edge, and the codes crowd under the prior.",
            beware="At beta 0 codes lie far from where the dice fall: a random z draws no digit there.",
        ),
        fold="beta-sweep",
        state={"beta": "4"},
    ),
    Stop(
        "What beta buys, and what it costs",
        (
            "Five betas, one curve: with less rate comes more distortion. Beta = 1 is the price at which the "
            "ELBO is best."
        ),
        Chapter.DISENTANGLING,
        1,
        Notes(
            ask="Which of these five would you train?",
            point=(
                "Throw the dice at every beta. Then scroll to the curve: less rate, more distortion, and "
                "beta 1 where the ELBO is best."
            ),
            beware="The curve lies below the pictures: on a small projector scroll down.",
        ),
        fold="beta-sweep",
        state={"beta": "1"},
    ),
    Stop(
        "How disentangled is it?",
        "What each latent tells of each factor. The MIG asks how far the best latent leads over the second.",
        Chapter.DISENTANGLING,
        1,
        Notes(
            ask="How would you measure it, without looking?",
            point="In the table a good latent has one dark cell in its row. Click a cell, and that latent moves.",
            beware="Orientation stays pale in every model: a square looks the same after a quarter turn.",
        ),
        fold="disentanglement-scores",
        state={"model": "sprites"},
    ),
    Stop(
        "InfoGAN: codes without an encoder",
        "Nobody told it of digits; its categories are the digits; codes turn the style. No q(z|x), no ELBO.",
        Chapter.DISENTANGLING,
        0.5,
        Notes(
            ask="Nobody told it of digits. Who found the ten classes?",
            point=(
                "Press the categories, then pull c2 and c3. On the right a VAE: it has an encoder and no categories."
            ),
            beware="The numbers on the buttons were given afterwards, by what a category mostly draws.",
        ),
        fold="infogan",
    ),
)
