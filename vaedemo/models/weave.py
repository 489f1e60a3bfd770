"""What upsampling weaves into drawn pictures, told to who draws them.

A decoder that doubles its maps again and again leaves patterns that repeat every 2, 4 or 8 pixels. Photographs have
next to nothing of what repeats so, and a critic that looks at maps of stride 4 and more hardly sees it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

PERIOD = 8  # pixels: of the coarsest pattern that is looked at
LEARNED = 1_024  # photographs of which the power is taken


class Weave(nn.Module):
    """The error of the power spectrum of drawn pictures at the frequencies of all patterns that repeat every PERIOD
    pixels: the squared difference to the photographs' in the logarithm, mean over the PERIOD**2 - 1 of them.

    Spectral regularization as Durall et al. (2020) propose it, who compare the mean of each ring of frequencies: there
    a pattern of few frequencies would drown.
    """

    def __init__(self) -> None:
        super().__init__()
        self.photos: Tensor  # of photographs: the logarithm of their power
        self.register_buffer("photos", torch.zeros(PERIOD**2 - 1))

    @torch.no_grad()
    def begin(self, photos: Tensor) -> None:
        """Takes the power of some photographs, (N, C, H, W) in [0, 1]."""
        self.photos.copy_(log_power(photos))

    def forward(self, drawn: Tensor) -> Tensor:
        """Of pictures (B, C, H, W), H and W multiples of PERIOD."""
        return (log_power(drawn) - self.photos).square().mean()


def log_power(x: Tensor) -> Tensor:
    """The logarithm of the mean power of pictures (B, C, H, W) at all frequencies of patterns that repeat every PERIOD
    pixels, but for their mean: (PERIOD**2 - 1,)."""
    count, channels, height, width = x.shape
    tiles = x.float().reshape(count, channels, height // PERIOD, PERIOD, width // PERIOD, PERIOD).mean((2, 4))
    power = torch.fft.fft2(tiles).abs().square().mean((0, 1)).flatten()[1:]
    return (power + torch.finfo(power.dtype).tiny).log()
