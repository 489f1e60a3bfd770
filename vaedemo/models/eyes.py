"""Where the eyes of a face are: a small net that `vaedemo.vision.face_alignment` asks about square crops of a photo.

The faces it learns from are all aligned alike. So the objective moves each by a random similarity and asks for the two
points to which the known eye centres went; what must not be taken for a face is made from the same pictures.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from vaedemo.data.face_set import EYES, SIDE
from vaedemo.models.base import Batch, Terms, Trainable, model
from vaedemo.models.nets import conv_encoder

MIDDLE = (SIDE - 1) / 2  # of a crop; pixel centres are whole numbers
REACH = 10.0  # pixels: the size of a usual correction, so that the net's own numbers are about 1
DECOYS = 5  # one in so many crops of a batch shows no face
TILE = 16  # pixels


@model("eyes")
class Eyes(Trainable):
    """x (B, 3, 64, 64) in [0, 1], a face at rough size, angle and place, to its eyes; and whether there is a face.

    The objective is in pixels, not nats: `distance` is the mean Huber loss of a coordinate, `face` a cross-entropy
    that counts `doubt` times.
    """

    CARD = (
        "A small convolutional net without a latent space: from a square crop of a photo to the centres of both eyes, "
        "and whether there is a face at all. It learned from aligned faces, each moved by a random similarity, in "
        "other light and on other ground. `vaedemo.vision.face_alignment` asks it three times, each time about "
        "the photo as aligned by its last answer."
    )
    CODE = (
        "import vaedemo\n"
        "from PIL import Image\n"
        "from vaedemo.vision.face_alignment import align, find_face\n"
        'photo = Image.open("photo.jpg").convert("RGB")\n'
        'eyes = find_face(photo, vaedemo.load_net("{name}"))  # (2, 2), in its pixels; None: no face is found\n'
        "face = align(photo, eyes)  # (3, 64, 64) in [0, 1]"
    )

    def __init__(
        self,
        widths: list[int],
        blocks: int,
        head: int,
        shuffle: int = 2,
        turn: float = 45.0,
        shift: float = 12.0,
        smallest: float = 0.5,
        largest: float = 1.3,
        doubt: float = 1.0,
    ):
        """The numbers from `turn` on bound the moves: degrees, pixels, and times the size of an aligned face."""
        super().__init__()
        self.encoder = conv_encoder((3, SIDE, SIDE), widths, blocks, 5, shuffle, head)
        self.turn, self.shift, self.doubt = math.radians(turn), shift, doubt
        self.sizes = math.log(smallest), math.log(largest)

    def locate(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Eye centres (B, 2, 2) of crops x: the left one in the picture first, each (x, y) in pixels whose centres are
        whole numbers; and logits (B,) that the crop shows a face."""
        out = self.encoder(x - 0.5).float()
        return out.new_tensor(EYES) + REACH * out[:, :4].view(-1, 2, 2), out[:, 4]

    def forward(self, player: str, batch: Batch) -> Terms:
        with torch.autocast(batch.x.device.type, enabled=False):  # bf16 tells places apart by a quarter of a pixel
            x, eyes, shown = self.crops(batch.x)
        found, logit = self.locate(x)
        each = F.smooth_l1_loss(found, eyes, reduction="none").flatten(1).mean(1)
        distance = (each * shown).sum() / shown.sum()
        face = F.binary_cross_entropy_with_logits(logit, shown)
        return {"total": distance + self.doubt * face, "distance": distance, "face": face}

    def crops(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Aligned faces x (B, 3, 64, 64), made into what crops of a person's photo may show.

        Pictures like x; the true eyes in them (B, 2, 2); 1 where there is a face, 0 for a decoy, (B,). Batches come in
        random order, so what befalls only some pictures befalls every so-manieth.
        """
        count = len(x)
        move = self.moves(count).to(x)
        shown = (torch.arange(count, device=x.device) % DECOYS > 0).to(x)
        seen = shown.view(-1, 1, 1, 1).repeat(1, 1, SIDE, SIDE)
        # A third of the faces go on to the crop's border as if photographed there; the others end, on some ground.
        seen[1::3] *= moved(_ovals(seen[1::3]), move[1::3], "zeros")
        seen[2::3] *= moved(torch.ones_like(seen[2::3]), move[2::3], "zeros")
        mixed = torch.lerp(_grounds(x.roll(1, 0)), moved(x, move), seen)
        return photographed(mixed), transformed(x.new_tensor(EYES).expand(count, 2, 2), move), shown

    def moves(self, count: int) -> Tensor:
        """Random similarities (count, 2, 3): see `similarity`. Small moves are more usual than great ones."""
        much = torch.rand(count)
        smallest, largest = self.sizes
        size = much * (smallest + (largest - smallest) * torch.rand(count))
        return similarity(size.exp(), self.turn * much * signed(count), self.shift * much[:, None] * signed(count, 2))


def similarity(size: Tensor, angle: Tensor, shift: Tensor) -> Tensor:
    """Similarities (B, 2, 3) of crops about their middle, then shifted by (B, 2) pixels; angle (B,) in radians,
    clockwise as seen, since y points down. A point p = (x, y) goes to m[:, :2] p + m[:, 2]."""
    cos, sin = size * angle.cos(), size * angle.sin()
    linear = torch.stack([torch.stack([cos, -sin], -1), torch.stack([sin, cos], -1)], -2)  # (B, 2, 2)
    middle = torch.full((2,), MIDDLE, device=size.device)
    return torch.cat([linear, (middle + shift - linear @ middle)[..., None]], -1)


def transformed(points: Tensor, move: Tensor) -> Tensor:
    """Where points (B, N, 2) go by moves (B, 2, 3)."""
    return points @ move[:, :, :2].mT + move[:, None, :, 2]


def moved(x: Tensor, move: Tensor, beyond: str = "border") -> Tensor:
    """Pictures (B, C, 64, 64) after moves (B, 2, 3): what was at p is where `transformed` says. `beyond` their edges:
    "border" goes on with the edge's color, "zeros" is 0."""
    back = torch.linalg.inv(move[:, :, :2])  # grid_sample asks for each pixel where it came from,
    start = (back @ (MIDDLE - move[:, :, 2:]) - MIDDLE) * 2 / SIDE  # counting from -1 to 1 about the middle
    grid = F.affine_grid(torch.cat([back, start], -1), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode=beyond, align_corners=False)


def _grounds(x: Tensor) -> Tensor:
    """No faces, made of faces x: in tiles; upside down or on their side, and enlarged; a shaded color, with noise."""
    ground = torch.rand(len(x), 3, 1, 1, device=x.device).repeat(1, 1, SIDE, SIDE)
    tiles = F.unfold(x[0::4], TILE, stride=TILE)  # (B, 3 * TILE * TILE, tiles)
    order = torch.rand(len(tiles), 1, tiles.shape[2], device=x.device).argsort(2).expand_as(tiles)
    ground[0::4] = F.fold(tiles.gather(2, order), SIDE, TILE, stride=TILE)
    whole = x[1::4]
    turns = torch.empty(len(whole)).uniform_(0.5, 1.5) * math.pi
    sizes = torch.empty(len(whole)).uniform_(1, 4)
    ground[1::4] = moved(whole, similarity(sizes, turns, 20 * signed(len(whole), 2)).to(x))
    ground[2::4] += 0.4 * torch.linspace(-1, 1, SIDE, device=x.device) * signed(len(ground[2::4]), 1, 1, 1).to(x)
    ground[3::4] += torch.rand(len(ground[3::4]), 1, 1, 1, device=x.device) * torch.rand_like(ground[3::4])
    return ground.clamp_(0, 1)[torch.randperm(len(x))]


def _ovals(like: Tensor) -> Tensor:
    """Soft-edged ovals about as large as a head, (B, 1, 64, 64) in [0, 1]."""
    spans = ((20, 34), (26, 38), (3, 30))
    wide, high, hard = (torch.empty(len(like), 1, 1, 1).uniform_(*span).to(like) for span in spans)
    axis = torch.arange(SIDE, device=like.device) - MIDDLE
    return (hard * (1 - ((axis / wide) ** 2 + (axis[:, None] / high) ** 2).sqrt()) + 0.5).clamp(0, 1)


def photographed(x: Tensor) -> Tensor:
    """Crops x in another light, contrast, sharpness, with noise; some in grey. Changes x."""
    x[0::7] = x[0::7].mean(1, keepdim=True)
    x[1::4] = F.avg_pool2d(x[1::4], 3, 1, 1, count_include_pad=False)
    x[3::8] = F.interpolate(F.avg_pool2d(x[3::8], 2), scale_factor=2, mode="bilinear")
    x[1::2] = x[1::2].clamp(1e-3, 1) ** (0.5 * signed(len(x[1::2]), 1, 1, 1)).exp().to(x)
    level = x.mean((1, 2, 3), keepdim=True)
    contrast, tint, light = (signed(len(x), channels, 1, 1).to(x) for channels in (1, 3, 1))
    gain = (1 + 0.45 * contrast) * (1 + 0.15 * tint)
    x = torch.addcmul(level * (1 - gain) + 0.15 * light, x, gain)
    x[0::2] += 0.1 * torch.rand(len(x[0::2]), 1, 1, 1, device=x.device) * torch.randn_like(x[0::2])
    return x.clamp_(0, 1)


def signed(*shape: int) -> Tensor:
    return 2 * torch.rand(*shape) - 1
