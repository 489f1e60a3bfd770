"""Tab Expressions: a VAE of the flow between expressions, so that a photo keeps its own pixels."""

from __future__ import annotations

from vaedemo.app.tab import SEED, Choice, Fold, Numbers, Tab, Whole, Word
from vaedemo.app.tabs.expressions import server
from vaedemo.app.tabs.expressions.stops import STOPS
from vaedemo.express import STRONGEST

FIRST = """
<figure class="vd-figure vd-express-first"><img src="vaedemo/web/examples/average_6.jpg" loading="lazy" width="512" height="512"
  alt="A portrait: the average of several faces">
  <figcaption>The average of several faces, by Lisa DeBruine, CC BY 4.0, cropped.</figcaption></figure>
"""
# Those that the page offers; the first is shown.
SHOWN = ("smile", "neutral", "sad", "angry", "squint", "pucker", "brows_up", "surprised")
NEARLY = ("mouth_open", "eyes_closed", "wink_left")
UPWARDS = ("brows_up", *(name for name in (*SHOWN, *NEARLY) if name != "brows_up"))

FOLDS = (
    Fold(
        "flow-seen",
        "The flow, seen",
        "Arrows say where the parts of the face go, and a grid how it bends. Move the slider above.",
        r"""
What the VAE (Yeh et al. 2016) encodes and decodes is not the picture $X$ but a *flow* $F$: for each of $64 \times 64$ cells of the edited face, how far away it
is found in the photo,
$$\hat X(p) = X\big(p + F(p)\big), \qquad F = f(z, y).$$
$y$ is the face itself: the positions of $138$ landmarks, as $24$ principal components. Flows are smooth, so $64 \times 64$ cells do for a photo of any size,
and $\hat X$ has only colors that $X$ has: each pore stays. That is the limit as well. A flow can show nothing that the photo hides. Where lips come apart, the dark between
them is painted by rule; teeth, wrinkles and shading that a real smile brings do not come.
The squared error of a flow is not that of a picture, so the mean of several flows is another plausible flow, and not a blur.
""",
    ),
    Fold(
        "pixels-or-flow",
        "Pixels or flow",
        "The same smile three times. A model of pixels draws the whole face anew from z; a flow moves what the photo has.",
        r"""
A VAE of pixels holds a face in $64$ numbers $z$ and a description $y$, and its picture has nothing else to go by. Whatever $z$ does not hold is lost: the mean
$\mathbb E[X \mid z, y]$ leaves it blurred, and a decoder that a critic taught invents it. Either way it is soon another person, even where no smile is added: pull the slider to $0$.
A VAE of flows (Yeh et al. 2016) has an easier task. Its $z$ says how a face *moves*, and that is smooth and much alike in all people;
what a face looks like is read from the photo itself.
$$\hat X = f(z, y) \qquad\text{against}\qquad \hat X(p) = X\big(p + F(p)\big), \quad F = f(z, y)$$
So there is something that the flow cannot do and pixels can: draw teeth, a dimple, another light.
""",
        state={"smile": Numbers(1, 1)},
    ),
    Fold(
        "expression-plane",
        "Two expressions at once",
        "To the right one expression grows, upwards the other. Drag the dot; the face follows.",
        r"""
Arithmetic in the latent space: $z = 0$ is the photo as it is, and each expression $e$ has a mean code $m_e$ that depends on the face by a ridge regression,
$$z = a\,(m_1 + S_1 y) + b\,(m_2 + S_2 y).$$
A factor below $1$ weakens an expression, above $1$ it *magnifies* it, and below $0$ it *suppresses* it. Nothing was trained for this: it works as far as the decoder is close to
linear, and codes of expressions that move different parts of the face hardly meet.
""",
        state={
            "x": Choice(*SHOWN, *NEARLY),
            "y": Choice(*UPWARDS),
            "at": Numbers(STRONGEST, 2),
        },
    ),
    Fold(
        "part-by-part",
        "One brow, one eye",
        "Three codes in one face: each brow and each eye moves by itself.",
        r"""
A code $z$ moves the whole face. Three codes, decoded to three flows, move three parts of it:
$$F = \sum_{k=1}^3 w_k\, f(z_k, y), \qquad \sum_{k=1}^3 w_k = 1 .$$
The weight $w_k$ of a cell says how much nearer it lies to the landmarks of one part (an eye and its brow, or the lips) than to those of the others. That works since flows are smooth and
the mean of two flows is a flow again; of two pictures it would be a ghost with four eyes.
No code of the model raises one brow alone: its raised brows are a pair. What is shown here is put together from its parts.
""",
        state={"at": Numbers(STRONGEST, 5)},
    ),
    Fold(
        "borrow",
        "Borrow: one z, other faces",
        "Pull the first face by its points. The most probable z follows your hand, and the same z moves the others.",
        r"""
The decoder is told the face, $y$, so $z$ need not hold it: $z$ has what $y$ lacks, which is the expression. Then a code can be lent:
$$z^* = \arg\max_z\ \log p(z) + \sum_{i\ \text{pulled}} \log \mathcal N\big(m_i \mid f(z, y_1)(p_i),\ \sigma^2 I\big), \qquad F_2 = f(z^*, y_2).$$
Points that nobody pulls move along, as they do in the training people: that is $p(z)$ and the decoder at work. What $z^*$ does to the second face it does with that face's own
landmarks: a wide mouth smiles widely. Where $z$ held some of the first person, too, it would show here, as features of one face that appear on the other.
""",
        state={"pulls": Numbers(5, 14), "others": Whole(0, 99)},
    ),
    Fold(
        "between-photos",
        "Between two photos",
        "Both photos, warped towards each other and blended. A cross-fade shows both at once; a VAE of pixels blurs.",
        r"""
Nobody knows the flow between two photos; it is estimated from the $138$ landmarks of both. The first part is the most probable $z$ of the model for how they move,
$$z^* = \arg\max_z\ \log p(z) + \sum_i \log \mathcal N\big(m_i \mid f(z, y)(p_i),\ \sigma^2 I\big), \qquad \sigma = \tfrac12 \text{ pixel of } 64,$$
where $m_i$ is the move of landmark $i$ and $p_i$ its place in the other photo. The model knows expressions, not turned heads and not other people's jaws: what $z^*$ leaves of the moves is
spread smoothly around the landmarks. At $t$ both photos are read along their own flow,
$$\hat X_t(p) = (1-t)\, A\big(p + F_A(p)\big) + t\, B\big(p + F_B(p)\big), \qquad F_A = f(t z^*_A, y_A) + t R_A, \quad F_B = f\big((1-t) z^*_B, y_B\big) + (1-t) R_B,$$
so that eyes lie on eyes, and teeth or wrinkles that only one photo shows fade in. Hair and background have no landmarks and are faded alone.
A VAE of pixels goes a straight way between two $z$ and decodes it: no ghost either, but nobody's skin.
""",
        state={"pair": Choice("person", "averages", "heads", "own"), "t": Whole(0, 100)},
    ),
    Fold(
        "draw-z",
        "Draw z: expressions that nobody made",
        "Each face is another z from the prior, times a temperature. At 1 little happens: most people's faces hardly move.",
        r"""
A VAE also generates: $z \sim \mathcal N(0, T^2 I)$, and $F = f(z, y)$. The photo is the same in all pictures; what is drawn is a motion of the face.
At temperature $T = 1$ that is the prior itself. It holds the motions of the training flows, and most of them are slight;
$T > 1$ leaves the prior for rarer, stronger ones, and at last for such as no face makes.
""",
        state={"seed": SEED, "temperature": Whole(1, 4)},
    ),
)

TAB = Tab(
    name="expressions",
    title="Expressions",
    order=80,
    lead="Pull a smile out of a face. <b>The pixels stay the photo's own.</b>",
    first=FIRST,
    folds=FOLDS,
    stops=STOPS,
    state={"photo": Word(), "expression": Choice(*SHOWN, *NEARLY), "strength": Numbers(STRONGEST, 1)},
    routes=server.ROUTES,
    endpoints=server.ENDPOINTS,
)
