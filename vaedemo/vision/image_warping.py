"""A still in motion: what moves is cut out by its color, what lay behind is filled in, and it is laid on where it goes.

The same algorithm runs in the browser (`app/tabs/motion/lib/image-warp.mjs`); a test compares them. Trajectories are
those of 16 x 16 cells, far coarser than what moves. So each cell goes as a similarity of the moving cells around it
does, and whether a pixel there goes along is decided by its color: is it that of pixels that move, or of those that
stay (a joint bilateral filter, Kopf et al. 2007)? Of each frame first *where from* is found, by splatting places, not
colors, and then the still is read there: so slow motions are smooth, and turned edges have no gaps.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Array = NDArray[np.floating]
Mask = NDArray[np.bool_]

GRID, SAMPLES = 16, 64  # cells a side; samples a side of the still, by which membership and holes are decided
MOVES, PART = 0.75, 0.1  # a cell moves that gets as many of 64 pixels, and this part of its fastest neighbour
NEAR, SLOPES, FAINT = 2, 0.03, 0.05  # cells around one that tell its motion; what holds turns small
WINDOW, SPREAD = 6, 2.5  # samples around one that it is compared with, their Gaussian's sigma
COLOR = 0.05  # sigma of "the same color", of 0 to 1
DOUBT = 0.02  # how much of a sample's own cell counts, beside its neighbours' colors
ROUNDS = 2
SHARE = 0.4, 0.7  # of the pixels like it that move, from which on one begins to go along, and goes
RIM = 4  # pixels of 256 around what moves that are filled in with it
AROUND = 8  # samples from which a hole takes its colors
REACH = 24  # samples to a place that could lie behind a hole
OTHER, UNLIKE, AGREED = 0.1, 0.4, 0.55  # squared distance of another color; how much of a rim, whole and near, has one
SAME = 0.002, 0.02  # squared distances from what lies behind, below which a pixel stays and above which it goes
CRUMB = 0.12  # of the largest part that moves: smaller ones stay
FASTER = 4  # power of its speed by which a pixel covers another
COVERED = 0.25  # of a pixel, by what comes to it: less is a gap
GAPS = 2  # pixels that a gap closes from its sides


class Cutout:
    """What of a still moves in any of some futures, and what lies behind it: all of them share it.

    shown: (S, S, 3) uint8, S = 64 * 2^k; futures: offsets (n, 2, 16 instants, 16, 16), x then y, in pixels of 64 x 64.
    """

    def __init__(self, shown: NDArray[np.uint8], futures: Array):
        self.shown, self.side = shown, len(shown)
        self.still = shown.astype(np.float32) / 255
        self.moving = np.any([_moving(offsets) for offsets in futures], 0)
        alpha, rim = _members(self.still, self.moving), max(1, RIM * self.side // 256)
        hole = _grown(alpha > 0.5, rim)
        plate = _plate(self.still, hole)
        seen = _eased(((plate - self.still) ** 2).sum(-1), *SAME)
        self.alpha = _without_crumbs(np.where(hole, alpha * seen, alpha), rim)
        hole = _grown(self.alpha > 0.5, rim)
        self.plate = np.where(hole[..., None], plate, self.still)
        cell = self.side // GRID
        self.covered = self.alpha.reshape(GRID, cell, GRID, cell).mean((1, 3))
        self.rows, self.columns = np.nonzero(hole | (self.alpha > 0))
        self.cells = _corners(self.rows, self.columns, self.side)


class Warp:
    """One future of one still: frames at any time t from 0 to 1.

    shown, offsets: as `Cutout` takes them, of one future. cutout: of this and other futures of the still; making it
    takes most of the time.
    """

    def __init__(self, shown: NDArray[np.uint8], offsets: Array, cutout: Cutout | None = None):
        self.cut = cutout or Cutout(shown, offsets[None])
        self.offsets = _joined(offsets, self.cut)

    def frame(self, t: float) -> NDArray[np.uint8]:
        """(S, S, 3) at a time from 0, the still itself, to 1."""
        cut = self.cut
        if t <= 0 or not len(cut.rows):
            return cut.shown
        instant = min(t, 1) * (self.offsets.shape[1] - 1)
        first = min(int(instant), self.offsets.shape[1] - 2)
        part = instant - first
        cells = (1 - part) * self.offsets[:, first] + part * self.offsets[:, first + 1]
        at, weight = cut.cells
        right, down = (cells.reshape(2, -1)[:, at] * weight).sum(1) * (cut.side / 64)
        rows, columns, y, x = _where_from(cut.rows, cut.columns, down, right, cut.side)
        alpha = _read(cut.alpha[..., None], y, x)
        painted = cut.plate.copy()
        painted[rows, columns] += alpha * (_read(cut.still, y, x) - painted[rows, columns])
        return (255 * painted + 0.5).clip(0, 255).astype(np.uint8)


def _grown(mask: Mask, by: int = 1) -> Mask:
    """The mask and the pixels around it, up to `by` away."""
    return np.asarray(ndimage.binary_dilation(mask, np.ones((3, 3)), by), bool)


def _labelled(mask: Mask) -> tuple[NDArray[np.intp], int]:
    """The number of the connected part that each pixel belongs to, from 1; 0 outside. And how many there are."""
    parts = np.zeros(mask.shape, np.intp)
    return parts, int(ndimage.label(mask, np.ones((3, 3)), parts))  # type: ignore[arg-type]


def _moving(offsets: Array) -> Mask:
    """Which cells move, (16, 16): far enough, and not only as the fringe of a much faster thing."""
    reach = np.hypot(offsets[0], offsets[1]).max(0)
    return reach > np.maximum(MOVES, PART * ndimage.maximum_filter(reach, 3))


def _without_crumbs(alpha: Array, rim: int) -> Array:
    """Membership (S, S) without parts that are small beside the largest: a lane's line that a car passes stays."""
    parts, count = _labelled(alpha > 0.5)
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    sizes[0] = 0
    large = (sizes > CRUMB * sizes.max())[parts]
    return np.where(_grown(large, rim), alpha, 0).astype(np.float32)


def _joined(offsets: Array, cut: Cutout) -> Array:
    """Offsets of the cells that move and of those beside them, by similarities fitted to the cells around; 0 elsewhere.

    A similarity turns, resizes and shifts, so things keep their shape, also where a forecast would have them melt. A
    cell counts by how much of it moves, and how far: a forecast is least sure where only a corner of it goes along.
    """
    reach = np.hypot(offsets[0], offsets[1]).max(0)
    count = np.where(cut.moving, (FAINT + cut.covered) * (FAINT + reach / max(1e-6, reach.max())), 0)
    found = np.zeros_like(offsets)
    rows, columns = np.nonzero(cut.moving)
    for row, column in zip(*np.nonzero(_grown(cut.moving))):
        mine = (abs(rows - row) <= NEAR) & (abs(columns - column) <= NEAR)
        y, x = rows[mine], columns[mine]
        down, right = y - row, x - column
        weight = count[y, x] * np.exp(-(down**2 + right**2) / 4)
        weight /= weight.sum()
        middle, mean = (weight @ right, weight @ down), offsets[:, :, y, x] @ weight  # mean: (2, 16)
        right, down = right - middle[0], down - middle[1]
        size = weight @ (right**2 + down**2) + SLOPES
        along, across = offsets[0][:, y, x] - mean[0][:, None], offsets[1][:, y, x] - mean[1][:, None]
        grow = (along * right + across * down) @ weight / size
        turn = (across * right - along * down) @ weight / size
        found[0, :, row, column] = mean[0] - grow * middle[0] + turn * middle[1]
        found[1, :, row, column] = mean[1] - turn * middle[0] - grow * middle[1]
    return found


def _members(still: Array, moving: Mask) -> Array:
    """How much each pixel goes along, (S, S) from 0 to 1."""
    cell = np.ones((SAMPLES // GRID, SAMPLES // GRID), np.float32)
    own = alpha = np.kron(moving, cell)
    colors = _samples(still)
    asked = np.kron(_grown(moving), cell) > 0
    rows, columns = np.nonzero(asked)
    weight = _weights(rows, columns, WINDOW, SPREAD, colors, colors[rows, columns], COLOR)
    for _ in range(ROUNDS):
        share = _mixed(rows, columns, WINDOW, weight, alpha[..., None], own[rows, columns, None])[:, 0]
        alpha = np.zeros_like(own)
        alpha[rows, columns] = _eased(share, *SHARE)
    block = len(still) // SAMPLES
    rows, columns = np.nonzero(np.kron(ndimage.maximum_filter(alpha, 5) > 0, np.ones((block, block))))
    down, right = rows // block, columns // block
    weight = _weights(down, right, 2, 1.0, colors, still[rows, columns], COLOR)
    members = np.zeros(still.shape[:2], np.float32)
    members[rows, columns] = _mixed(down, right, 2, weight, alpha[..., None], alpha[down, right, None])[:, 0]
    return members


def _plate(still: Array, hole: Mask) -> Array:
    """The still (S, S, 3) without what is in the hole (S, S).

    Filled smoothly from around; then each sample takes the color around it that is likest to its own (mean shift), so
    that edges that reach the hole go on in it instead of fading. Where another place of the still has a rim like that
    of a part of the hole, that place is copied, as far as the rim is like it: so a road goes on.
    """
    colors, open_ = _samples(still), _samples(hole[..., None]) > 0
    filled = _filled(colors, ~open_)
    rows, columns = np.nonzero(open_[..., 0])
    start = filled[rows, columns]
    for _ in range(2):
        weight = _weights(rows, columns, AROUND, AROUND / 2, colors, filled[rows, columns], 3 * COLOR, ~open_)
        filled[rows, columns] = _mixed(rows, columns, AROUND, weight, colors, start)
    while len(filled) < len(still):
        filled = _doubled(filled)
    filled = np.where(hole[..., None], filled, still)
    parts, count = _labelled(open_[..., 0])
    block = len(still) // SAMPLES
    for k in range(1, count + 1):
        coarse = _likest(colors, open_[..., 0], parts == k, _moves(0, 0, REACH), 1)
        mine = np.kron(parts == k, np.ones((block, block))) * hole > 0
        fine = coarse and _likest(still, hole, mine, _moves(coarse[0] * block, coarse[1] * block, block - 1), UNLIKE)
        if fine:
            filled = np.where((mine & _agreed(still, hole, mine, fine))[..., None], _moved(still, fine), filled)
    return filled


def _agreed(still: Array, hole: Mask, part: Mask, move: tuple[int, int]) -> Mask:
    """Where in a part of the hole a moved still may be shown: where enough of the rim around is like it."""
    other = ((still - _moved(still, move)) ** 2).sum(-1) > OTHER
    rim = _grown(part, RIM) & ~hole
    return _filled(np.repeat(other[..., None], 3, 2).astype(np.float32), rim[..., None])[..., 0] < AGREED


def _moved(picture: Array, move: tuple[int, int]) -> Array:
    down, right = ((np.arange(len(picture)) + by).clip(0, len(picture) - 1) for by in move)
    return picture[down][:, right]


def _moves(down: int, right: int, by: int) -> NDArray:
    return np.mgrid[down - by : down + by + 1, right - by : right + by + 1].reshape(2, -1).T


def _likest(picture: Array, hole: Mask, part: Mask, moves: NDArray, most: float) -> tuple[int, int] | None:
    """Of moves (M, 2) the one to where the rim is likest to that of a part of the hole; None: none is like it."""
    last = len(picture) - 1
    rows, columns = np.nonzero(part)
    low = np.array([rows.min(), columns.min()]) + moves
    high = np.array([rows.max(), columns.max()]) + moves
    moves = moves[(low >= 0).all(1) & (high <= last).all(1)]
    moves = moves[[not hole[rows + down, columns + right].any() for down, right in moves]]
    y, x = np.nonzero(_grown(part, 1 if last < SAMPLES else RIM) & (part | ~hole))
    rim = ~hole[y, x]
    if not len(moves) or not rim.any():
        return None
    there = picture[(y + moves[:, :1]).clip(0, last), (x + moves[:, 1:]).clip(0, last)]
    apart = ((there - picture[y, x]) ** 2).sum(-1)
    best = int(np.minimum(apart, OTHER).mean(1).argmin())
    unlike = float((apart[best, rim] > OTHER).mean())
    return (int(moves[best, 0]), int(moves[best, 1])) if unlike < most else None


def _filled(still: Array, known: Mask) -> Array:
    """Its unknown pixels (S, S, 1) from the known ones around them: pulled together to one pixel, and pushed back."""
    if len(still) == 1:
        return still
    half = len(still) // 2
    sums = np.where(known, still, 0).reshape(half, 2, half, 2, 3).sum((1, 3))
    count = known.reshape(half, 2, half, 2, 1).sum((1, 3))
    return np.where(known, still, _doubled(_filled(sums / np.maximum(count, 1), count > 0))).astype(np.float32)


def _doubled(picture: Array) -> Array:
    """Twice as large, bilinearly."""
    for _ in range(2):  # rows, then columns
        edge = np.concatenate([picture[:1], picture, picture[-1:]])
        both = np.stack([0.75 * picture + 0.25 * edge[:-2], 0.75 * picture + 0.25 * edge[2:]], 1)
        picture = both.reshape(-1, *picture.shape[1:]).swapaxes(0, 1)
    return picture


def _samples(picture: NDArray) -> Array:
    """A picture (S, S, C) at 64 x 64."""
    block = len(picture) // SAMPLES
    return picture.reshape(SAMPLES, block, SAMPLES, block, -1).mean((1, 3), dtype=np.float32)


def _around(rows: NDArray, columns: NDArray, by: int) -> tuple[NDArray, NDArray, NDArray]:
    """Places (n, k) up to `by` from n places of 64 x 64, clipped to it, and how far those inside are, squared."""
    down, right = _moves(0, 0, by).T
    y, x = rows[:, None] + down, columns[:, None] + right
    far = np.where((y < 0) | (x < 0) | (y >= SAMPLES) | (x >= SAMPLES), np.inf, down**2 + right**2)
    return y.clip(0, SAMPLES - 1), x.clip(0, SAMPLES - 1), far


def _weights(
    rows: NDArray,
    columns: NDArray,
    by: int,
    spread: float,
    colors: Array,
    mine: Array,
    sigma: float,
    known: Mask | None = None,
) -> Array:
    """(n, k): how near, and how like in color to `mine` (n, 3), the samples around n places are."""
    y, x, far = _around(rows, columns, by)
    apart = ((colors[y, x] - mine[:, None]) ** 2).sum(-1)
    weight = np.exp(-far / (2 * spread**2) - apart / (2 * sigma**2)).astype(np.float32)
    return weight if known is None else weight * known[y, x, 0]


def _mixed(rows: NDArray, columns: NDArray, by: int, weight: Array, values: Array, own: Array) -> Array:
    """(n, C): the weighed mean of the values (64, 64, C) around n places, a little of their `own` among them."""
    y, x, _ = _around(rows, columns, by)
    sums = DOUBT * own + (weight[..., None] * values[y, x]).sum(1)
    return sums / (DOUBT + weight.sum(1))[:, None]


def _eased(values: Array, low: float, high: float) -> Array:
    """From 0 at low to 1 at high, smoothly."""
    part = ((values - low) / (high - low)).clip(0, 1)
    return part * part * (3 - 2 * part)


def _corners(rows: NDArray, columns: NDArray, side: int) -> tuple[NDArray, Array]:
    """The four cells around each pixel, (4, n), and their bilinear weights; beyond the last ones they alone count."""
    y, x = ((part + 0.5) * GRID / side - 0.5 for part in (rows, columns))
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    corners = [(down, right) for down in (0, 1) for right in (0, 1)]
    at = [(top + down).clip(0, GRID - 1) * GRID + (left + right).clip(0, GRID - 1) for down, right in corners]
    weight = [abs(1 - down - (y - top)) * abs(1 - right - (x - left)) for down, right in corners]
    return np.stack(at), np.stack(weight).astype(np.float32)


def _where_from(rows: NDArray, columns: NDArray, down: Array, right: Array, side: int) -> tuple[NDArray, ...]:
    """Pixels of the frame (rows, columns) that something comes to, and the place (y, x) in the still that it has there.

    Pixels at rows and columns go down and right; where several meet, the fastest covers the others.
    """
    speed = np.hypot(down, right)
    heavy = (0.1 + speed / max(1e-6, float(speed.max()))) ** FASTER
    y, x = rows + down, columns + right
    inside = (y > -2) & (x > -2) & (y < side + 1) & (x < side + 1)
    rows, columns, y, x, heavy = (values[inside] for values in (rows, columns, y, x, heavy))
    if not len(rows):
        return rows, columns, y, x
    first, left = int(np.floor(y.min())) - GAPS, int(np.floor(x.min())) - GAPS
    high, wide = int(y.max()) - first + 2 + GAPS, int(x.max()) - left + 2 + GAPS
    top, begin = np.floor(y).astype(int), np.floor(x).astype(int)
    sums = np.zeros((4, high * wide))  # weighed rows, columns, weights; cover
    for below in (0, 1):
        for beside in (0, 1):
            part = abs(1 - below - (y - top)) * abs(1 - beside - (x - begin))
            place = (top + below - first) * wide + begin + beside - left
            for k, values in enumerate((part * heavy * rows, part * heavy * columns, part * heavy, part)):
                sums[k] += np.bincount(place, values, high * wide)
    sums[:3, sums[3] < COVERED] = 0
    sums = sums[:3].reshape(3, high, wide)
    for _ in range(GAPS):
        sums = _closed(sums)
    there = sums[2] > 0
    there[: max(0, -first)], there[:, : max(0, -left)] = False, False
    there[max(0, side - first) :], there[:, max(0, side - left) :] = False, False
    y, x = sums[:2, there] / sums[2, there]
    row, column = np.nonzero(there)
    return row + first, column + left, y, x


def _closed(sums: NDArray) -> NDArray:
    """Pixels that nothing comes to, between at least five that something does: from these."""
    empty = sums[2] == 0
    count = ndimage.convolve((~empty).astype(int), np.ones((3, 3), int), mode="constant")
    close = empty & (count >= 5)
    around = np.stack([ndimage.convolve(values, np.ones((3, 3)), mode="constant") for values in sums])
    return np.where(close, around, sums)


def _read(picture: Array, y: Array, x: Array) -> Array:
    """A picture (S, S, C) at n places, bilinearly, (n, C)."""
    last = len(picture) - 1
    y, x = y.clip(0, last), x.clip(0, last)
    top, left = y.astype(int).clip(0, last - 1), x.astype(int).clip(0, last - 1)
    down, right = (y - top)[:, None], (x - left)[:, None]
    above = (1 - right) * picture[top, left] + right * picture[top, left + 1]
    below = (1 - right) * picture[top + 1, left] + right * picture[top + 1, left + 1]
    return ((1 - down) * above + down * below).astype(np.float32)
