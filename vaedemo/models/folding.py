"""Fold BatchNorm into the layer before it: fewer tensors to ship, and one chain for PyTorch and the browser."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

Module = TypeVar("Module", bound=nn.Module)
Linear = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
Norm = (nn.BatchNorm1d, nn.BatchNorm2d)


def fold_batchnorm(model: Module) -> Module:
    """`model`, in place, in eval mode, every BatchNorm of its Sequentials merged into the linear layer before it.

    The layers keep their names (indices), a folded BatchNorm becomes an Identity, so the result's structure depends on
    the recipe alone. Raises ValueError where a BatchNorm follows no linear layer.
    """
    model.eval()
    for chain in [m for m in model.modules() if isinstance(m, nn.Sequential)]:
        before: nn.Module | None = None
        for index, layer in enumerate(chain):
            if isinstance(layer, Norm):
                if before is None:
                    raise ValueError(f"layer {index}: a BatchNorm that follows no linear layer cannot be folded")
                _merge(before, layer)
                chain[index] = nn.Identity()
            elif isinstance(layer, Linear):
                before = layer
            elif not isinstance(layer, nn.Unflatten):
                before = None
    return model


@torch.no_grad()
def _merge(layer: nn.Module, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> None:
    assert isinstance(layer, Linear)
    assert norm.running_var is not None
    assert norm.running_mean is not None
    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)  # (C,)
    shift = norm.bias - norm.running_mean * gain
    if isinstance(layer, nn.Linear):  # before an Unflatten each channel is a run of rows
        run = layer.out_features // norm.num_features
        gain, shift = gain.repeat_interleave(run), shift.repeat_interleave(run)
    out = 1 if isinstance(layer, nn.ConvTranspose2d) else 0
    shape = [1] * layer.weight.dim()
    shape[out] = -1
    layer.weight.mul_(gain.view(shape))
    old = torch.zeros_like(shift) if layer.bias is None else layer.bias
    layer.bias = nn.Parameter(old * gain + shift)
