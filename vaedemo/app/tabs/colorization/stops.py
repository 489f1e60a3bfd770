"""The lecture's stops in the tab Colorization, with the lecturer's notes."""

from __future__ import annotations

from vaedemo.app.tab import Chapter, Notes, Stop

STOPS = (
    Stop(
        "One grey photo, many answers",
        "Nobody can know what color this car is. One answer is wrong at once; here are eight, with weights.",
        Chapter.COLORIZATION,
        1,
        Notes(
            ask="What color is this car?",
            point=(
                "Eight answers, each with its share of the draws. “Reveal true colors” shows the photo’s own "
                "beside the nearest."
            ),
            beware="The true color may be far from all eight. Grey alone does not hold it.",
        ),
        state={"photo": "car"},
    ),
    Stop(
        "The mean is brown",
        "Where the eight differ, their mean has a color that none has. And dice for each cell alone are confetti.",
        Chapter.COLORIZATION,
        1,
        Notes(
            ask="If you must give one answer, which one is least wrong?",
            point=(
                "Bright: where the eight differ. The mean has lost its color there; dice for each cell are confetti."
            ),
            beware="For a photo without doubt there is little to see. Stay with the car.",
        ),
        fold="diversity",
    ),
    Stop(
        "A mixture density net",
        (
            "P(z | grey) is a mixture of eight Gaussians, and an answer a group of its draws. z slides from "
            "one to another."
        ),
        Chapter.COLORIZATION,
        1,
        Notes(
            ask="How can a net answer with a distribution?",
            point="Pull from one answer to the other: z moves on a straight line, and each step is a coloring.",
            beware="Between two groups the density may be low, and the picture still looks fine. Both is true.",
        ),
        fold="interpolation",
    ),
    Stop(
        "One hint, and the whole picture follows",
        "Dab a color: draws that contradict it fade. It is the posterior of z, and one z paints all of the picture.",
        Chapter.COLORIZATION,
        1,
        Notes(
            ask="One dab of red on the bonnet. What else should change?",
            point=(
                "Choose a color, click the car: weights move between the eight, and the picture follows as a whole."
            ),
            beware="A color that the model holds impossible leaves few draws. The effective number says so.",
        ),
        fold="color-hint",
    ),
    Stop(
        "One object at a time",
        "Click the car: its color alone runs through its distribution, the ring. Road and trees keep theirs.",
        Chapter.COLORIZATION,
        0.5,
        Notes(
            ask="Which colors does the model hold possible for this car?",
            point=(
                "The ring is a histogram of the draws at the clicked place. Pull along it: the car changes, "
                "the road stays."
            ),
            beware="Leaves at the edge may follow a little: the code has only so many numbers.",
        ),
        fold="one-object",
    ),
    Stop(
        "What each term of the loss is for",
        "Rare colors count more, the layout of colors counts, edges count. Leave one term out, and see what is lost.",
        Chapter.COLORIZATION,
        0.5,
        Notes(
            ask="Which of the three terms would you leave out?",
            point=(
                "Five pictures: the truth, all terms, and one term less each. The bars are the three errors of each."
            ),
            beware="On one photo the differences are small, and the order may be wrong. The cards have the averages.",
        ),
        fold="loss-terms",
    ),
    Stop(
        "MDN, CVAE, regression",
        "Eight answers to this photo, eight draws of a prior that never saw it, one mean: ask whose best is nearest.",
        Chapter.COLORIZATION,
        0.5,
        Notes(
            ask="Whose best answer is nearest, and whose answers differ most?",
            point="Three rows: mixture, CVAE, one mean. Below each the error of its best and the variance.",
            beware="On this photo mixture and CVAE are close. It is one photo: do not crown a winner.",
        ),
        fold="methods",
    ),
)
