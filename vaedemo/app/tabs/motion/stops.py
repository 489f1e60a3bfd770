"""The lecture's stops in the tab Motion, with the lecturer's notes."""

from __future__ import annotations

from vaedemo.app.tab import Chapter, Notes, Stop

STOPS = (
    Stop(
        "One image, many futures",
        "Nobody can know which way this car goes. Each future is one z, drawn from N(0, I), on the same still.",
        Chapter.FORECASTING,
        1,
        Notes(
            ask="Where will this car be in half a second?",
            point="Press play. Six futures over one another; each small picture is one z. Click one to see it alone.",
            beware="With reduced motion nothing plays by itself. The play button lies in the picture.",
        ),
        state={"scene": "fork-3"},
    ),
    Stop(
        "Trajectories, not pixels",
        "Each cell's way is five numbers of a cosine transform an axis. Draws fall into groups; bright is unsure.",
        Chapter.FORECASTING,
        0.5,
        Notes(
            ask="What would you predict: pixels, or where they go?",
            point="Three groups of draws with their shares. The map is bright on the car: only there it is unsure.",
            beware="The shares are of two hundred draws; they need not be a third each.",
        ),
        fold="future-clusters",
    ),
    Stop(
        "Three towers",
        (
            "An image tower reads the still, a decoder tower moves it by z; an encoder tower is for training "
            "only. Pull z."
        ),
        Chapter.FORECASTING,
        1,
        Notes(
            ask="Which tower is needed at test time?",
            point="Pull z from one future to another: the image tower does not run again, only the decoder does.",
            beware=(
                "In the middle the car may leave the road. The decoder is continuous, so it has to pass somewhere."
            ),
        ),
        fold="interpolation",
    ),
    Stop(
        "z holds what the picture lacks",
        "Encode one clip and play its z on another still: the way comes along, roads and car are the new still's.",
        Chapter.FORECASTING,
        1,
        Notes(
            ask="The still shows roads and car. What is left for z to say?",
            point=(
                "The z of “goes left” is played on other stills: they go left too, on their own roads. Then "
                "choose “goes right”."
            ),
            beware="Read the rate: it is more than log 3, for the encoder must be sure.",
        ),
        fold="transfer",
    ),
    Stop(
        "One hint",
        "Drag an arrow: futures that contradict it fade. One z moves the whole body, so the rest follows.",
        Chapter.FORECASTING,
        0.5,
        Notes(
            ask="I drag an arrow from the car to the left. Which futures fade?",
            point="Drag from the car: futures that contradict are dimmed, and the groups get new shares.",
            beware="An arrow to where no road is leaves almost no draws.",
        ),
        fold="motion-hint",
    ),
    Stop(
        "The mean of all futures is no future",
        "A regressor does best with the mean. Of two ways it takes the middle, where there is no road.",
        Chapter.FORECASTING,
        0.5,
        Notes(
            ask="Which single answer has the least error here?",
            point=(
                "Red: the mean of all ways. It goes straight on whatever the car does, and has the smaller "
                "error on average."
            ),
            beware=(
                "With three ways the middle one is a road, too. Choose the fork of two to see the mean on the grass."
            ),
        ),
        fold="mean-prediction",
    ),
    Stop(
        "How likely was what happened?",
        "Parzen windows around samples: proposed 11082, regressor 11563, optical flow 11734. And the best of K.",
        Chapter.FORECASTING,
        0.5,
        Notes(
            ask="How does one score a set of guesses?",
            point=(
                "The curve: distance of the best of K. The CVAE gains with every guess, the regressor has only one."
            ),
            beware="The paper’s column has other clips and another unit. Only the order can be compared.",
        ),
        fold="evaluation",
    ),
)
