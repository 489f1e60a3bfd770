"""The lecture's stops in the tab Expressions, with the lecturer's notes."""

from __future__ import annotations

from vaedemo.app.tab import Chapter, Notes, Stop

STOPS = (
    Stop(
        "Encode the flow, not the pixels",
        "A photo is read along a decoded flow: the smile is the model's, and every eyelash stays the person's own.",
        Chapter.EXPRESSIONS,
        1,
        Notes(
            ask="Which pixel of this smile did the net draw?",
            point="Pull the slider: the mouth moves, each pore stays. All colors are the photo’s own.",
            beware="It draws no teeth and no wrinkles. What the photo hides, no flow can show.",
        ),
        state={"expression": "smile", "strength": "1.0"},
    ),
    Stop(
        "Magnify, and suppress",
        "Latent arithmetic: a longer code magnifies an expression, and a code of the other sign suppresses it.",
        Chapter.EXPRESSIONS,
        0.5,
        Notes(
            ask="What is twice a smile? And minus one?",
            point="Pull beyond 1, then below 0. It is one code, longer, or with the other sign.",
            beware="Far beyond 1 the face is no longer one that anybody makes.",
        ),
        state={"expression": "smile", "strength": "1.4"},
    ),
    Stop(
        "What a flow looks like",
        "Smooth motion of 64 by 64 cells. It can move everything that the photo shows, and nothing that it hides.",
        Chapter.EXPRESSIONS,
        0.5,
        Notes(
            ask="What did the decoder really draw?",
            point="The arrows and the bent grid are its output; the third picture is the photo, read along them.",
            beware="The arrows say where each part goes, the formula where it comes from. They point opposite ways.",
        ),
        fold="flow-seen",
    ),
    Stop(
        "Pixels or flow",
        (
            "The same smile. Drawn from z, the face is blurred or another person's; along the flow it is the "
            "photo's own."
        ),
        Chapter.EXPRESSIONS,
        1,
        Notes(
            ask="Three smiles: which one is still her?",
            point=(
                "Flow, mean of a VAE of pixels, decoder with a critic. Pull the smile to 0: the last two "
                "differ from the photo even so."
            ),
            beware="The last is sharp and somebody else. The distance below says how far, for one net’s features.",
        ),
        fold="pixels-or-flow",
        state={"smile": "1"},
    ),
    Stop(
        "Adding expressions",
        "Codes of two expressions add up, and one face shows both. Drag the dot over the plane.",
        Chapter.EXPRESSIONS,
        0.5,
        Notes(
            ask="Can one smile and raise the brows?",
            point="Drag the dot: to the right one expression, upwards the other. At the corner both are there.",
            beware="Two that move the same part, such as smile and pucker, work against each other.",
        ),
        fold="expression-plane",
        state={"x": "smile", "y": "brows_up", "at": "0.8,0.8"},
    ),
    Stop(
        "One brow alone",
        "Three codes, three flows, one face: flows can be blended part by part, and pictures cannot.",
        Chapter.EXPRESSIONS,
        0.5,
        Notes(
            ask="Who can raise one brow?",
            point="Three flows, blended by place: one brow up, the other down. Press “A wink”.",
            beware="No single code does this. The parts are put together by a rule.",
        ),
        fold="part-by-part",
        state={"at": "1.1,0,-0.5,0,0.5"},
    ),
    Stop(
        "Borrow an expression",
        "z holds what y lacks: the code that moves one face moves another, with its own landmarks.",
        Chapter.EXPRESSIONS,
        0.5,
        Notes(
            ask="I pull her mouth. What will the other two do?",
            point="Drag a point of the first face: the likeliest z follows, and the same z moves the others.",
            beware="The effect is small by intention: the prior holds back. Press “Brows up” for a clear one.",
        ),
        fold="borrow",
        state={"pulls": "-1.5,-2.5,1.5,-2.5,0,0,0,0,0,0,0,0,0,0"},
    ),
    Stop(
        "Between two photos",
        "Flow takes eyes to eyes before the photos are blended; a cross-fade of pixels has four eyes.",
        Chapter.EXPRESSIONS,
        0.5,
        Notes(
            ask="Halfway between two people: how many eyes?",
            point=(
                "Left both photos are warped before they are blended; the cross-fade beside it has ghosts "
                "around eyes and hair."
            ),
            beware="These two averages are alike. Choose another pair for a clearer ghost.",
        ),
        fold="between-photos",
        state={"pair": "averages", "t": "50"},
    ),
    Stop(
        "Expressions that nobody made",
        "Draw z from the prior, and every draw is another motion of the same face.",
        Chapter.EXPRESSIONS,
        0.5,
        Notes(
            ask="What does the prior hold possible for a face?",
            point="Each face is another z on one photo. Turn the temperature: at 1 little happens, at 4 too much.",
            beware="A grimace at a high temperature is outside of what people do. That is the point.",
        ),
        fold="draw-z",
        state={"temperature": "3"},
    ),
)
