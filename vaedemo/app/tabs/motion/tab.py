"""Tab Motion: one still, many futures; why one answer is none of them; what z holds that the picture lacks."""

from __future__ import annotations

from vaedemo.app.tab import SEED, Choice, Fold, Numbers, Tab, Whole
from vaedemo.app.tabs.motion import server
from vaedemo.app.tabs.motion.stops import STOPS

FIRST = """
<figure class="vd-figure vd-moves-first"><img src="vaedemo/app/tabs/motion/stills/fork-3.png" loading="lazy" width="512" height="512"
  alt="A still, drawn: a car before a fork of three ways"></figure>
"""
KINDS = Choice("fork-3", "fork-2", "fork-4", "pendulum", "figure")  # of drawn scenes; the first is shown

FOLDS = (
    Fold(
        "future-clusters",
        "How many futures are there, and where is it unsure?",
        "Two hundred draws fall into a few groups. Bright: the draws end in different places there.",
        r"""
What moves next is a distribution $P(Y \mid X)$ over trajectories $Y$, given one still $X$ (Walker et al. 2016), and a fork in the road gives it several peaks.
$Y$ is no video. It says where each of $16 \times 16$ cells is at $16$ instants of $0.6$ seconds: of each axis, the first $5$ coefficients of an orthonormal *discrete cosine transform*,
$$c_k = \sqrt{\tfrac{2}{T}} \sum_{t=0}^{T-1} x_t \cos\frac{\pi k (2t + 1)}{2T}, \qquad k = 0, \dots, 4 \quad (c_0 \text{ over } \sqrt 2).$$
Bodies move smoothly, so five numbers hold nearly all of it. Still there are $2 \times 5 \times 256$ of them, and cells of one car must agree. A conditional VAE writes
$$P(Y \mid X) = \int P(Y \mid z, X)\, \mathcal N(z;\, 0, I)\, dz,$$
so to draw a future is to draw one $z$: it is the same for all cells, and they go together. The map is the standard deviation of the cells' ends over such draws:
the model is unsure of the car, not of the grass.
""",
    ),
    Fold(
        "motion-hint",
        "One hint",
        "Drag an arrow from the car, or from a hand. Futures that contradict it fade, and the rest of the picture follows.",
        r"""
An arrow says: this cell ends about $d$ pixels from here. That is evidence of $z$, and Bayes' rule says what it makes of the prior:
$$P(z \mid X, \text{arrows}) \;\propto\; \mathcal N(z;\, 0, I) \prod_k \exp\!\Big({-\frac{\lVert Y_k(z, X) - d_k \rVert^2}{2 s^2}}\Big), \qquad s = 2.5 \text{ pixels}.$$
No net is trained anew: $512$ draws of $z$ are decoded once, and each is weighed by the product (*importance sampling*). The rest of the body follows since one $z$ moves all of it.
How much is left of the draws tells the effective number $(\sum_j w_j)^2 / \sum_j w_j^2$; where it falls to one, the arrow asked for what the model holds unlikely.
""",
        state={"arrows": Numbers(64)},
    ),
    Fold(
        "interpolation",
        "From one future to another",
        "Two of the futures, and the straight line between their z. Pull: the motion changes under your hand.",
        r"""
Three towers of convolutions. The *image tower* reads the still into features $h(X)$ of $16 \times 16$ cells. The *encoder tower*, in training alone, sees the true trajectories too and answers $Q(z \mid X, Y)$.
The *decoder tower* merges $z$ with the features, here by scaling and shifting them everywhere alike, and gives each cell a direction (of unit length, over its ten coefficients) and a magnitude, each with a loss of its own (of people: one loss for the trajectory that both make, and a classifier says which cells move at all):
$$\log P(Y \mid X) \;\ge\; \mathbb E_{Q(z \mid X, Y)}\big[\log P(Y \mid z, X)\big] \;-\; \mathrm{KL}\big(Q(z \mid X, Y) \,\Vert\, \mathcal N(0, I)\big)$$
Maximized, so the KL is subtracted; as a loss it is added, and it is at least $0$. To forecast, the encoder tower is left out, and $z$ comes from the prior.
The image tower needs to run but once a still: your hand moves $z$ alone, and the decoder tower follows in the browser. Between two ways the line may leave the road: $f(z, X)$ is continuous in $z$, so somewhere it must pass from one way to the other.
""",
        state={"ends": Numbers(12, 2)},
    ),
    Fold(
        "transfer",
        "z holds what the picture lacks",
        "Take the z of one clip, and play it on another still: the motion comes along, the picture does not.",
        r"""
The decoder sees $X$ anyway. What it can read there, that a car stands here and roads leave there, $z$ need not say, and each nat that $z$ says costs as much:
$$\text{rate} = \mathrm{KL}\big(Q(z \mid X, Y) \,\Vert\, \mathcal N(0, I)\big).$$
So $z$ is left with *what the picture lacks*: which way. That is why the $z$ of one clip can be played on another still: the encoder tower reads it from $X_1$ and its motion $Y_1$,
the decoder tower gives $f(z, X_2)$. Of three equally likely ways $\log 3 \approx 1.1$ nats would do. The rest is the price of being sure: $Q$ must be narrow, so that its noise does not carry $z$ over to another way.
""",
        state={"clip": KINDS, "way": Whole(1, 4), "seed": SEED},
    ),
    Fold(
        "mean-prediction",
        "The regressor says",
        "One answer that is least wrong on average: the mean of all futures, which is no future.",
        r"""
Without $z$, trained by squared error, a net does best with the mean:
$$\arg\min_{\hat Y} \; \mathbb E\big[\lVert Y - \hat Y \rVert^2 \,\big|\, X\big] = \mathbb E[Y \mid X].$$
Of two ways it takes the middle, where there is no road; of an arm that may rise or rest, half. Its squared error is least, and its likelihood is poor: nothing ever happens there.
The mean stays a useful guess where one thing can happen. It is the many futures that it cannot say. For a drawn scene the mean is exact, over futures that are known; for a photo the regressor was trained, on the same features as the CVAE.
""",
    ),
    Fold(
        "evaluation",
        "How good is it?",
        "The nearest of K futures against the truth, for every method; and how likely each holds what really happened.",
        r"""
$P(Y \mid X)$ has no closed form, but it can be sampled. A *Parzen window* puts a small Gaussian around each of $S = 800$ samples $Y_s = f(z_s, X)$:
$$-\log P(Y \mid X) \;\approx\; -\log \frac{1}{S} \sum_{s=1}^{S} \mathcal N\big(Y;\, Y_s,\, h^2 I\big)$$
The bandwidth $h$ is chosen on validation clips, for every method on its own. So a regressor, whose samples are all one, can still say "about there", with a wide $h$.
The lecture's slide: proposed $11082$, regressor $11563$, optical flow $11734$; less is better. The distance of the best of $K$ samples is simpler to read:
a method that knows that a thing goes left or right is near with few samples; a mean with noise around it needs very many.
""",
    ),
)

TAB = Tab(
    name="motion",
    title="Motion",
    order=70,
    lead="One still. What happens in the next 0.6 seconds? <b>Press play.</b>",
    first=FIRST,
    folds=FOLDS,
    stops=STOPS,
    state={
        "scene": KINDS,
        "draw": SEED,
        "futures": Whole(3, 12),
        "dice": SEED,
        "future": Whole(1, 12),
        "view": Choice("motion", "paths", "flow"),
    },
    routes=server.ROUTES,
    endpoints=server.ENDPOINTS,
    examples=(server.ask_examples,),
)
