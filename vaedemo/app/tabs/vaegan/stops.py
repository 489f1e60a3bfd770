"""The lecture's stops in the tab VAE vs GAN, with the lecturer's notes."""

from __future__ import annotations

from vaedemo.app.tab import Chapter, Notes, Stop

STOPS = (
    Stop(
        "One photo for all",
        "The VAE answers in one step, and blurs. The GAN draws sharply, and has to search: it was given no encoder.",
        Chapter.VAE_OR_GAN,
        1.5,
        Notes(
            ask="Which of the four is the person?",
            point=(
                "The VAE answers at once, blurred. The GAN’s picture runs: it is searched for by gradient steps on z."
            ),
            beware=(
                "The search takes some seconds, and may end at another person. Do not wait for it; the curve stays."
            ),
        ),
    ),
    Stop(
        "The same z, four decoders",
        (
            "Twenty-four draws of one prior. Sharp where a critic saw such draws, GAN and VAE/GAN; smooth "
            "where none did."
        ),
        Chapter.VAE_OR_GAN,
        1,
        Notes(
            ask="All four got the same z. Why are two of them sharp?",
            point="One place in the grids is one z. Turn the temperature down: all faces become the one at the mean.",
            beware="Some sharp faces are broken. A critic asks for sharp pictures, not for good ones.",
        ),
        fold="dice",
        state={"seed": "1"},
    ),
    Stop(
        "What each can do",
        "Easy to find z, an explicit P(X), sharp samples: the two tables, and a measured figure for each field.",
        Chapter.VAE_OR_GAN,
        1,
        Notes(
            ask="You need z of a photo: which model? You need a sharp picture: which?",
            point=(
                "Go through the table row by row; each field has its measured figure, and leads to the place "
                "that shows it."
            ),
            beware="The table is longer than the screen: scroll, or read three rows only.",
        ),
        fold="properties",
        state={"part": "table"},
    ),
    Stop(
        "A bound, and none",
        "The VAE’s ELBO of this portrait in nats. A GAN has no bound: there is nothing to compute.",
        Chapter.VAE_OR_GAN,
        1,
        Notes(
            ask="Which of the four can say how likely this portrait is?",
            point="Three bars end at an ELBO, the striped end is the rate. The GAN’s row has no bar.",
            beware=(
                "The logarithm of a density may be positive. Somebody will ask; the note below the bars explains it."
            ),
        ),
        fold="properties",
        state={"part": "bound"},
    ),
    Stop(
        "What is an error?",
        "Shifted by four pixels: for us the same face. Two bars say how far away pixels and features take it to be.",
        Chapter.VAE_GAN,
        0.5,
        Notes(
            ask="The face has moved by four pixels. How wrong is it?",
            point="Two bars: pixels call it far away, features nearly the same. Drag the second picture.",
            beware="Features of one small discriminator are no truth either. They are another choice.",
        ),
        fold="error",
        state={"of": "photo", "change": "4,0,0,0,0"},
    ),
    Stop(
        "A blur is another error",
        (
            "Blurred a little, each pixel is nearly right, and the face looks wrong. That is the error a VAE "
            "learns from."
        ),
        Chapter.VAE_GAN,
        0.5,
        Notes(
            ask="And now it is blurred. Which of the two errors minds?",
            point="The bars have changed places: pixels hardly mind, features do. Look at where they differ.",
            beware="The bar of features is full: the figure beside it is larger than one.",
        ),
        fold="error",
        state={"of": "photo", "change": "0,0,1.2,0,0"},
    ),
    Stop(
        "Fool the discriminator",
        "Its score for the photo, the VAE, the GAN and the VAE/GAN, and the places where each gives itself away.",
        Chapter.VAE_GAN,
        1,
        Notes(
            ask="Which of the four pictures is a photo, and how do you know?",
            point=(
                "Bars: how surely each is held to be a photo. Below each picture, bright where it gives itself away."
            ),
            beware=(
                "The VAE/GAN may score above the photo. It tells apart what these decoders draw, and is no "
                "detector of forgeries."
            ),
        ),
        fold="discriminator",
        state={"seed": "1"},
    ),
    Stop(
        "Arithmetic with codes",
        "Mean code with glasses minus mean code without: a vector. Added to any z it puts glasses on, or tries to.",
        Chapter.VAE_GAN,
        1,
        Notes(
            ask="What is the difference between a face with glasses and one without?",
            point="The glasses slider stands at 1.5 in all four. Pull it to 0 and back, then try the smile.",
            beware=(
                "In the VAE/GAN and the GAN other things move too. A vector holds whatever goes together in "
                "the photographs."
            ),
        ),
        fold="pull",
        state={"attributes": "0,0,1.5,0,0,0,0,0,0,0,0,0"},
    ),
    Stop(
        "The attribute table",
        "Smile and glasses are asked of four models, and a net that none of them knows reads what they drew.",
        Chapter.VAE_GAN,
        0.5,
        Notes(
            ask="Who draws what was asked for?",
            point="Bars: the cosine between what was asked and what a net read. Ask for a hat as well.",
            beware=(
                "Sharp does not win here: the VAE is read best. The last row, real photos, is the most that "
                "the reader allows."
            ),
        ),
        fold="attribute-table",
        state={"asked": "3"},
    ),
    Stop(
        "Between two people",
        "Halfway along z there is one face. Halfway in pixels there are two, each half there.",
        Chapter.VAE_GAN,
        0.5,
        Notes(
            ask="Halfway between two faces: how many eyes?",
            point="The cross-fade shows both people at once, each column of a model one face. Pull the slider.",
            beware="The GAN’s column is grey until its two ends have been searched for. Leave it.",
        ),
        fold="blend",
        state={"t": "50"},
    ),
    Stop(
        "Architectures: strides, BatchNorm, ReLU",
        (
            "Common VAEs follow DCGAN: a decoder of strided convolutions, and an encoder that mirrors it. "
            "Layer by layer."
        ),
        Chapter.ARCHITECTURES,
        1.5,
        Notes(
            ask="How does a net grow 64 numbers to a picture?",
            point=(
                "From 4 by 4 to 64 by 64 by four strided convolutions: fewer maps, more pixels. Choose "
                "another model: the net is the same."
            ),
            beware="First VAEs had full layers only. Say that the encoder is the mirror image of this.",
        ),
        fold="architecture",
        state={"model": "faces-vae"},
    ),
    Stop(
        "Closing remarks: a z, or sharpness",
        "A VAE gives z of any photo in one step, a GAN draws sharply. A VAE/GAN has an encoder and a critic.",
        Chapter.CLOSING,
        1,
        Notes(
            ask="When would you take a VAE, and when a GAN?",
            point="Another portrait, four answers. VAE: z in one step, and a bound. GAN: sharp; VAE/GAN: sharp, with an encoder.",
            beware="It begins a new search for the GAN’s z. Ask for the answers before you read them out.",
        ),
        state={"photo": "average_3"},
    ),
    Stop(
        "Closing remarks: DCGAN’s practices",
        "DCGAN’s practices, on the net as it is: strides in place of pooling, BatchNorm, ReLU.",
        Chapter.CLOSING,
        0.5,
        Notes(
            ask="What do all these nets share?",
            point=(
                "Strided convolutions in place of pooling, BatchNorm, ReLU: the list under the maps has them "
                "one by one."
            ),
            beware="BatchNorm is folded into the weights here. In training it is there.",
        ),
        fold="architecture",
        state={"model": "faces-vae-gan"},
    ),
)
