"""A judge of drawn faces that ships: a DCGAN's discriminator (Radford 2016) that learns after the decoders have.

The critics that taught the decoders stand on EfficientNet-Lite0, and do not ship. This one is small and stands alone.
It has seen photographs and what the trained decoders draw, so it shows two things on the page: what a discriminator
looks at, and an error that is measured in a hidden layer of it in place of pixels (Dis_l; Larsen 2016).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from vaedemo.data import Pictures
from vaedemo.models import build
from vaedemo.models.base import Batch, LatentModel, Player, Terms, Trainable, model
from vaedemo.models.critic import Look
from vaedemo.models.vae import VAE
from vaedemo.recipes import KNOWN

COMPARED = 256  # photographs, all pairs of which give the mean errors between two people
POWER_STEPS = 30  # of the power iteration, for the largest singular values of averaged weights
SLOPE = 0.2  # of LeakyReLU below 0


class Verdict(NamedTuple):
    """What the critic says of B pictures. Logits: the higher, the more it looks like a photograph."""

    logit: Tensor  # (B,), the mean of `places`
    places: Tensor  # (B, H, W): one logit for each of 8 x 8 places of a 64 x 64 picture
    hidden: Tensor  # (B, C, H, W): its last hidden layer, in which Dis_l is measured


class Lessons(nn.Module):
    """What the critic learns from beside the photographs of a batch, and does not ship: the decoders `drawn_by`, as
    they ship, and some photographs of different people."""

    def __init__(self, drawn_by: Sequence[str], shape: Sequence[int]):
        super().__init__()
        self.decoders = nn.ModuleList(build(KNOWN[name], folded=True) for name in drawn_by).requires_grad_(False)
        self.photos: Tensor
        self.register_buffer("photos", torch.zeros(COMPARED, *shape, dtype=torch.uint8))

    @torch.no_grad()
    def draw(self, x: Tensor) -> Tensor:
        """As many pictures as x (B, C, H, W): samples of every decoder, and reconstructions of x by those that encode,
        in equal parts. Rounded to 8 bits, as photographs are."""
        ways = [(net, rebuilds) for net in self.decoders for rebuilds in (False, True)[: 1 + isinstance(net, VAE)]]
        parts = [_drawn(net, part, rebuilds) for (net, rebuilds), part in zip(ways, x.tensor_split(len(ways)))]
        return (255 * torch.cat(parts)).round() / 255


@model("facecritic")
class FaceCritic(Trainable):
    """x (B, 3, 64, 64) in [0, 1] to log p(photograph|x) / p(drawn|x), where both are equally frequent.

    Strided convolutions of 4 x 4 with `widths` channels, one more of 3 x 3, LeakyReLU; spectral norm (Miyato 2018) and
    no BatchNorm, so that the answer to a picture depends on that picture alone. Each place is judged for itself
    (PatchGAN; Isola 2017). Photographs and drawn pictures are shown in changed colors and moved a little (DiffAug; Zhao
    2020), and the probabilities that are asked for are `smoothing` and 1 - `smoothing`, not 0 and 1: so the score is a
    graded one. Dis_l is the squared error in the last hidden layer: in the layers before, a shift by two pixels changes
    even more than in pixels, relative to the difference between two people.
    """

    CARD = (
        "A discriminator of DCGAN's kind (Radford et al. 2016: strided convolutions, LeakyReLU; here with spectral "
        "norm and without BatchNorm) that tells photographs of faces from what the decoders of this project draw. It "
        "learned after them, and none of them learned from it. It judges each of 8 x 8 places; the score of a picture "
        "is their mean. Its last hidden layer measures the error Dis_l of Larsen et al. (2016). Of pictures that other "
        "programs made, it knows nothing: it is no detector of forgeries."
    )
    CODE = (
        "import vaedemo\n"
        'critic = vaedemo.load_net("{name}")\n'
        'x = vaedemo.load("faces-vae").sample(4, seed=0)  # (4, 3, 64, 64) in [0, 1]\n'
        "verdict = critic.judge(x)\n"
        "score = verdict.logit.sigmoid()  # (4,): the probability that each is a photograph\n"
        "places = verdict.places.sigmoid()  # (4, 8, 8): the same of each place"
    )

    only_in_training = ("lessons",)

    def __init__(
        self,
        widths: Sequence[int],
        drawn_by: Sequence[str],
        shape: Sequence[int] = (3, 64, 64),
        smoothing: float = 0.1,
    ):
        super().__init__()
        self.smoothing = smoothing
        self.drawn_by, self.shape = drawn_by, shape
        layers: list[nn.Module] = []
        channels = shape[0]
        for width in widths:
            layers += [spectral_norm(nn.Conv2d(channels, width, 4, 2, 1)), nn.LeakyReLU(SLOPE)]
            channels = width
        layers += [spectral_norm(nn.Conv2d(channels, channels, 3, 1, 1)), nn.LeakyReLU(SLOPE)]
        # Strides make features change with a small shift; a mean over neighbours takes much of that back (Zhang 2019).
        self.body = nn.Sequential(*layers, nn.AvgPool2d(5, 1, 2, count_include_pad=False))
        self.real = spectral_norm(nn.Conv2d(channels, 1, 3, 1, 1))
        self.gain = nn.Parameter(torch.ones(1))  # spectral norm bounds the slopes, and this lets the logits grow
        self.between: Tensor  # the mean squared errors between two people: of pixels, and Dis_l
        self.register_buffer("between", torch.ones(2))
        self.lessons: Lessons  # of a critic that learns; what ships is built without them, in a tenth of the time

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """As of any module. A checkpoint holds the lessons, and they are made for it; what ships does not."""
        if any(name.startswith("lessons.") for name in state_dict):
            self._take_lessons()
        return super().load_state_dict(state_dict, strict, assign)

    def _take_lessons(self) -> None:
        self.lessons = Lessons(self.drawn_by, self.shape).to(self.gain.device)

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        self._take_lessons()
        for name, net in zip(self.drawn_by, self.lessons.decoders):
            net.load_state_dict(pretrained[name].state_dict())
        chosen = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(0))[:COMPARED]
        self.lessons.photos[: len(chosen)].copy_(pictures.x[chosen, : self.shape[0]])

    def players(self) -> dict[str, Player]:
        return {"model": Player([*self.body.parameters(), *self.real.parameters(), self.gain], beta1=0.5)}

    def judge(self, x: Tensor) -> Verdict:
        """What it says of pictures x (B, 3, 64, 64) in [0, 1]."""
        hidden = self.body(2 * x - 1)
        places = self.gain * self.real(hidden)[:, 0].float()
        return Verdict(places.mean((1, 2)), places, hidden.float())

    def forward(self, player: str, batch: Batch) -> Terms:
        """`surprise`: the cross-entropy of a place, in nats; `accuracy`: the share of pictures that are told right."""
        x = batch.x[:, : self.shape[0]]
        shown = torch.cat([x, self.lessons.draw(x)])
        photo = (torch.arange(len(shown), device=x.device) < len(x)).float()
        verdict = self.judge(Look.draw(len(shown), x.device)(shown))
        wanted = (photo * (1 - 2 * self.smoothing) + self.smoothing)[:, None, None].expand_as(verdict.places)
        surprise = F.binary_cross_entropy_with_logits(verdict.places, wanted)
        accuracy = ((verdict.logit > 0) == (photo > 0)).float().mean()
        return {"total": surprise, "surprise": surprise, "accuracy": accuracy}

    @torch.no_grad()
    def settle(self) -> None:
        """The singular values of the averaged weights, and with these weights the mean errors between two people."""
        self.train()
        for _ in range(POWER_STEPS):
            for layer in (*self.body, self.real):
                getattr(layer, "weight", None)  # in training, each reading of it is one step of the power iteration
        self.eval()
        x = self.lessons.photos.float() / 255
        self.between.copy_(torch.stack([apart(x), apart(self.judge(x).hidden)]))


def apart(values: Tensor) -> Tensor:
    """The mean squared difference of two of N things (N, ...), over all pairs of different ones: a number."""
    return 2 * values.var(0).mean()


def _drawn(net: nn.Module, x: Tensor, rebuilds: bool) -> Tensor:
    assert isinstance(net, LatentModel)
    z = net.encode(x).mean if rebuilds else net.from_normal(torch.randn(len(x), net.z, device=x.device))
    return net.render(net.decode(z)).float()
