"""The lecture's stops in the tab Attributes, with the lecturer's notes."""

from __future__ import annotations

from vaedemo.app.tab import Chapter, Notes, Stop

STOPS = (
    Stop(
        "What if we have labels?",
        "Tell encoder and decoder the label; every term is just given y. Hold z and turn the label: the style stays.",
        Chapter.CVAE,
        1.5,
        Notes(
            ask="We know the label. What is left for z to say?",
            point="Turn the dial from 0 to 9: the digit changes, slant and weight stay. The whole map turns with it.",
            beware="Between two labels the decoder was never trained. What it draws there is a curiosity.",
        ),
    ),
    Stop(
        "Same style, ten classes",
        "One z down each column, one label along each row. What y says, z need not say: left for z is the style.",
        Chapter.CVAE,
        0.5,
        Notes(
            ask="What do the digits of one column share?",
            point="Go down a column: one handwriting in ten classes. Go along a row: one class in ten handwritings.",
            beware="Nothing in the loss asks for this. It comes from the shared layers.",
        ),
        fold="labels-by-style",
        state={"styles": "3"},
    ),
    Stop(
        "Your own style",
        "Draw one digit. The encoder reads its style, and the decoder writes the other nine in your hand.",
        Chapter.CVAE,
        1,
        Notes(
            ask="Who has a handwriting that one would know again?",
            point=(
                "Let somebody draw a digit: the model writes the other nine the same way. The label it read "
                "stands beside."
            ),
            beware="If the label is wrong, so is the style. Choose the right one in the list.",
        ),
        fold="restyle-digit",
    ),
    Stop(
        "Half a digit",
        (
            "The condition may be a part of the picture. A net without z gives one grey answer, the CVAE "
            "many sharp ones."
        ),
        Chapter.CVAE,
        1,
        Notes(
            ask="The left half is given. How many digits could it be?",
            point=(
                "Eight answers for eight z, each one digit. The net without z has a single answer, grey "
                "where it is unsure."
            ),
            beware="An easy half leaves no doubt. Draw the left side of a 3 or an 8, or give only a quarter.",
        ),
        fold="structured-prediction",
    ),
    Stop(
        "A face, described",
        "The same z, another description: y is a vector of attributes now. Pull one, and read what else moved.",
        Chapter.ATTRIBUTE2IMAGE,
        1,
        Notes(
            ask="Pull one attribute. What else has moved?",
            point=(
                "Pull glasses, then read the list on the right: another net says what changed that nobody asked for."
            ),
            beware="“Male” and “young” are what labellers saw, no facts about a person. Say so before somebody asks.",
        ),
        fold="attribute-sliders",
        state={"face": "0"},
    ),
    Stop(
        "Many faces, one description",
        "What y does not say is free: each z is another answer to the same description.",
        Chapter.ATTRIBUTE2IMAGE,
        0.5,
        Notes(
            ask="What do these twenty-four share, and what not?",
            point="Young, brown hair, no beard: the description. Pose, light and person are what z holds.",
            beware="Some draws are broken faces. The switch “Smooth” shows the mean instead, which breaks less.",
        ),
        fold="many-people",
    ),
    Stop(
        "Why a VAE's samples are smooth",
        (
            "z does not say how each hair lies, so the mean of P(X | z, y) shows none of them. A critic "
            "wants one picture."
        ),
        Chapter.ATTRIBUTE2IMAGE,
        0.5,
        Notes(
            ask="Which row is better?",
            point=(
                "Each column has one z. Above the mean, as squared error wants it; below one picture, as a "
                "critic wants it."
            ),
            beware="The details below are invented. For a person that you want to know again they are wrong.",
        ),
        fold="mean-vs-critic",
    ),
    Stop(
        "Attribute-conditioned progression",
        "Along a row one attribute passes from -1 to 1 and all else is kept. Ask whether a row is still one person.",
        Chapter.ATTRIBUTE2IMAGE,
        0.5,
        Notes(
            ask="Is a row one and the same person from end to end?",
            point=(
                "From left to right only “smile” grows. Choose glasses, and look at the eyes of the middle columns."
            ),
            beware=(
                "Lips and cheeks move with the smile, sometimes color too. z and y are not told apart for certain."
            ),
        ),
        fold="attribute-sweep",
        state={"sweep": "Smiling"},
    ),
    Stop(
        "Complete what is hidden",
        "Paint over a part of a face: only visible pixels count, and several z explain them equally well.",
        Chapter.ATTRIBUTE2IMAGE,
        1,
        Notes(
            ask="I hide the mouth. Does this person smile?",
            point=(
                "Press 2 in the picture to hide the mouth, then “Complete what is hidden”: several answers "
                "fit what is seen."
            ),
            beware="It is fitted on the server and takes seconds. Start it, and talk on.",
        ),
        fold="own-photo",
    ),
    Stop(
        "A person, and what is behind",
        "The disCVAE draws person and background from a z each, and a gate lays one over the other.",
        Chapter.ATTRIBUTE2IMAGE,
        1,
        Notes(
            ask="What may change when only the background is thrown anew?",
            point="Person, gate, background, and one over the other. Rows keep a person, columns a background.",
            beware="These faces are means, so they are smooth. Hair at the edge of the gate belongs to both.",
        ),
        fold="foreground-background",
    ),
)
