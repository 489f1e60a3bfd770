"""The posterior by optimization: the z that explain a picture, or what is visible of it (Attribute2Image; Yan 2016).

Beside the encoder's one-shot answer this takes seconds, fits better, and copes with pictures of which a part is hidden.
Of a GAN it is the only answer: `searched`.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from vaedemo.models.base import LatentModel
from vaedemo.models.vae import VAE

STEPS = 150
RATE = 0.06
EVERY = 10  # steps between two reports
SEARCH_LR = 0.2  # the rate of `searched`, which has further to go
DRAWN = 64  # z of the prior, of which a search takes the best for its starts


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


def searched(
    model: LatentModel, x: Tensor, steps: int = 200, starts: int = 4, seed: int = 0, half: bool = False
) -> Iterator[tuple[int, Tensor, Tensor]]:
    """(step, z, error) after every step: z (N, starts, Z), which minimize by Adam the error (N, starts), the mean
    squared difference of each one's picture to its photo, of the photos x (N, C, H, W) in [0, 1]. At step 0 the starts.

    The starts are the best of DRAWN draws of the prior N(0, I). All z stay on its shell, at the length that nearly all
    draws have: what a GAN draws elsewhere nobody has taught it. The model is asked for no encoder. `half` decodes in
    bfloat16, which finds as good z in a third of the time where the processor has it.
    """
    count, dice, device = len(x), torch.Generator().manual_seed(seed), x.device
    draws = _on_shell(torch.randn(DRAWN, model.z, generator=dice).to(device))
    with torch.no_grad():
        errors = (model.render(model.decode(draws)).float()[None] - x[:, None]).square().mean((2, 3, 4))  # (N, DRAWN)
    best = errors.topk(starts, largest=False)
    z = draws[best.indices].clone().requires_grad_()
    yield 0, z.detach().clone(), best.values
    optimizer = torch.optim.Adam([z], lr=SEARCH_LR, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=SEARCH_LR / 20)
    for step in range(1, steps + 1):
        with torch.enable_grad(), torch.autocast(device.type, torch.bfloat16, enabled=half):
            at = _on_shell(z)  # within the slope: it has no part that leads off the shell, which Adam would turn
            shown = model.render(model.decode(at.flatten(0, 1))).float().view(count, starts, *x.shape[1:])
            error = (shown - x[:, None]).square().mean((2, 3, 4))
            (z.grad,) = torch.autograd.grad(error.sum(), z)
        yield step, at.detach(), error.detach()
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            z.copy_(_on_shell(z))


def _on_shell(z: Tensor) -> Tensor:
    """Codes (..., Z) at the length sqrt(Z), that of nearly all draws of N(0, I)."""
    return z * (z.shape[-1] ** 0.5 / z.norm(dim=-1, keepdim=True))
