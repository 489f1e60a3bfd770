"""Labels of a few points handed on to their neighbours: learning with local and global consistency (Zhou 2004)."""

from __future__ import annotations

import torch
from torch import Tensor

KEEP = 0.99  # of what the neighbours say, in each step; the rest is what is known
STEPS = 100
PIECE = 500  # points whose neighbours are looked for at once


@torch.no_grad()
def neighbour_graph(x: Tensor, neighbours: int) -> Tensor:
    """The graph of points x (N, D) as a sparse matrix (N, N): D^-1/2 W D^-1/2, symmetric, with weights W of each
    point's nearest `neighbours`. A weight falls with the distance, relative to that of the point's middle neighbour."""
    near, apart = [], []
    for part in x.split(PIECE):
        distance, index = torch.cdist(part, x).topk(neighbours + 1, largest=False)
        near.append(index[:, 1:])  # the nearest is the point itself
        apart.append(distance[:, 1:])
    index, distance = torch.cat(near), torch.cat(apart)
    weight = torch.exp(-(distance / distance[:, neighbours // 2, None].clamp_min(1e-9)).square() / 2)
    rows = torch.arange(len(x)).repeat_interleave(neighbours)
    one_way = torch.sparse_coo_tensor(
        torch.stack([rows, index.flatten()]), weight.flatten(), (len(x), len(x)), check_invariants=False
    )
    both = (one_way + one_way.t()).coalesce()
    ends, scale = both.indices(), torch.sparse.sum(both, 1).to_dense().rsqrt()
    values = both.values() * scale[ends[0]] * scale[ends[1]]
    return torch.sparse_coo_tensor(ends, values, both.shape, check_invariants=False).coalesce()


@torch.no_grad()
def spread(graph: Tensor, known: Tensor, labels: Tensor, count: int) -> Tensor:
    """How much of each of `count` labels reaches each point of `neighbour_graph`, (N, count); none of any where the
    row is 0. The points `known` (K,) have `labels` (K,)."""
    given = torch.zeros(graph.shape[0], count)
    given[known, labels] = 1
    reached = given.clone()
    for _ in range(STEPS):
        reached = KEEP * torch.sparse.mm(graph, reached) + (1 - KEEP) * given
    return reached
