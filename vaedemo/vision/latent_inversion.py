"""The posterior by optimization: the z that explain a picture, or what is visible of it (Attribute2Image; Yan 2016).

Beside the encoder's one-shot answer this takes seconds, fits better, and copes with pictures of which a part is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from vaedemo.models.vae import VAE

STEPS = 150
RATE = 0.06
EVERY = 10  # steps between two reports


def fitted(
    model: VAE,
    x: Tensor,
    y: Tensor,
    visible: Tensor | None = None,
    n: int = 1,
    spread: bool = False,
    seed: int = 0,
    steps: int = STEPS,
) -> Iterator[tuple[int, Tensor]]:
    """(step, z) every few steps, z (n, Z), which minimizes -log p(x|z, y) of the visible pixels less log p(z) by Adam.

    x: (C, H, W) in [0, 1]; y: the condition (Y,); visible: (H, W), 1 where x counts, all of it without; the model has a
    Gaussian p(x|z, y). The start is the encoder's mean for x, hidden pixels at the visible ones' mean color.

    With `spread` the n answers differ as the posterior does: each fits a picture with noise of the model's sigma added,
    and stays near a prior draw of its own in place of 0. Where the decoder is linear these are exact draws from
    p(z|x, y) (perturbation sampling; Papandreou & Yuille 2010), elsewhere an approximation.
    """
    if not model.gaussian:
        raise ValueError("fitted() wants a model with a Gaussian p(x|z)")
    dice = torch.Generator().manual_seed(seed)
    seen = torch.ones_like(x[:1]) if visible is None else visible[None].to(x)
    mean = (x * seen).sum((1, 2), keepdim=True) / seen.sum().clamp(min=1)
    told = y.expand(n, -1)
    with torch.no_grad():
        start = model.encode((x * seen + mean * (1 - seen))[None], y[None]).mean
    anchor, target = torch.zeros(n, model.z), x.expand(n, *x.shape)
    if spread:
        anchor = torch.randn(anchor.shape, generator=dice)
        target = target + model.noise * torch.randn(target.shape, generator=dice)
    z = (start + anchor).requires_grad_()
    optimizer = torch.optim.Adam([z], lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=RATE / 20)
    for step in range(1, steps + 1):
        with torch.enable_grad():
            error = ((model.render(model.decode(z, told)) - target) * seen).square().sum()
            cost = error / (2 * model.noise**2) + (z - anchor).square().sum() / 2
            (z.grad,) = torch.autograd.grad(cost, z)
        optimizer.step()
        schedule.step()
        if step % EVERY == 0 or step == steps:
            yield step, z.detach().clone()
