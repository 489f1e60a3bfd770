"""Which of many drawn futures are alike: groups by where the cells end, as the page and the evaluation count them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GROUPED = 200  # draws that groups are found in
APART = 0.35  # of the draws' usual reach: futures that end farther apart are of two groups
RARE, FEW = 0.03, 7  # the share below which a group joins the nearest; how many are told apart at most
STANDS = 0.5  # pixels, root mean square over the draws' fastest cells: below it nothing moves, in one group


def modes(ends: NDArray[np.float32]) -> NDArray[np.intp]:
    """The mode (N,) of each of N draws whose cells end at (N, 512) pixels; 0 is that of the most among the first 200.

    Average linkage of these; the rest join the nearest mode, so that more draws leave what was found as it is.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    some = ends[:GROUPED]
    usual = np.sqrt((some**2).sum(1).mean())
    fastest = np.sqrt((some.reshape(len(some), 2, -1) ** 2).sum(1).max(1).mean())
    if len(some) < 2 or fastest < STANDS:
        return np.zeros(len(ends), np.intp)
    label = fcluster(linkage(some, "average"), APART * usual, "distance")
    kept, count = np.unique(label, return_counts=True)
    order = (-count).argsort(kind="stable")
    kept = [kept[i] for i in order[:FEW] if count[i] >= RARE * len(some) or i == order[0]]
    middles = np.stack([some[label == k].mean(0) for k in kept])
    nearest = ((ends[:, None] - middles) ** 2).sum(2).argmin(1)
    for k, name in enumerate(kept):
        nearest[: len(some)][label == name] = k
    by_size = (-np.bincount(nearest[: len(some)], minlength=len(kept))).argsort(kind="stable")
    return by_size.argsort()[nearest]
