"""Cartoon faces for the twin of the face set: drawn by distance fields, each attribute exactly where it should be.

What no attribute says (the skin, the head's width and place, the ground, the shirt) is drawn at random.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIDE = 64  # pixels
PIECE = 250  # faces drawn at once: the fields of all of them would not fit into memory

Array = NDArray[np.float32]
Shown = dict[str, NDArray[np.bool_]]

# How often each is there. Of the hair's colors one is there, or none on a bald head.
CHANCE = {
    **{"Smiling": 0.5, "Mouth_Slightly_Open": 0.4, "Eyeglasses": 0.3, "Wearing_Hat": 0.25, "Bald": 0.12, "Bangs": 0.4},
    **{"Mustache": 0.2, "Goatee": 0.2, "Wearing_Lipstick": 0.35, "Sideburns": 0.25},
}
HAIR = {
    **{"Black_Hair": (0.08, 0.07, 0.08), "Blond_Hair": (0.93, 0.8, 0.42)},
    **{"Brown_Hair": (0.4, 0.24, 0.13), "Gray_Hair": (0.66, 0.67, 0.69)},
}
SKINS = np.array([(0.98, 0.84, 0.73), (0.9, 0.72, 0.57), (0.72, 0.52, 0.38), (0.5, 0.34, 0.24)], np.float32)
SOFT = 0.7  # pixels over which an edge fades


def chances(n: int, seed: int) -> Shown:
    """The attributes of n faces, each (n,), drawn independently but for the hair."""
    dice = np.random.default_rng(seed)
    shown = {name: dice.random(n) < chance for name, chance in CHANCE.items()}
    color = dice.integers(0, len(HAIR), n)
    shown |= {name: (color == k) & ~shown["Bald"] for k, name in enumerate(HAIR)}
    shown["Bangs"] &= ~shown["Bald"]
    shown["No_Beard"] = ~(shown["Mustache"] | shown["Goatee"])
    return shown


def portraits(shown: Shown, seed: int) -> NDArray[np.uint8]:
    """Faces with the attributes `shown`, each (n,): (n, 4, 64, 64), RGB and the person's mask. The eyes lie where
    `alignment.EYES` says. The same seed draws the same people, whatever their attributes are."""
    n = len(shown["Smiling"])
    free = np.random.default_rng(seed + 1_000).random((n, 12), np.float32)
    pieces = [slice(start, start + PIECE) for start in range(0, n, PIECE)]
    return np.concatenate([_drawn({name: is_[p] for name, is_ in shown.items()}, free[p]) for p in pieces])


def _drawn(shown: Shown, free: Array) -> NDArray[np.uint8]:
    """The faces of one piece, painted from back to front."""
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    is_ = {name: there[:, None, None] for name, there in shown.items()}
    u = free.reshape(*free.shape, 1, 1)
    middle = 31.5 + (u[:, 0] - 0.5) * 1.5
    wide, tall = 16 + 4 * u[:, 1], 22 + 3 * u[:, 2]
    skin = SKINS[(free[:, 3] * len(SKINS)).astype(int)]
    hair = np.select([shown[name][:, None] for name in HAIR], [np.array(color) for color in HAIR.values()], 0.3)

    top, low = free[:, 4:7, None, None], free[:, 7:10, None, None]
    fade = (y / SIDE)[None, None]
    canvas = (0.25 + 0.7 * (top * (1 - fade) + low * fade)).astype(np.float32)
    person = np.zeros((len(free), SIDE, SIDE), np.float32)

    def paint(cover: Array, color: NDArray | tuple[float, ...], body: bool = False) -> None:
        nonlocal canvas, person
        tint = np.broadcast_to(np.asarray(color, np.float32), (len(free), 3))[:, :, None, None]
        canvas = canvas * (1 - cover[:, None]) + tint * cover[:, None]
        if body:
            person = np.maximum(person, cover)

    def oval(cx: NDArray | float, cy: NDArray | float, rx: NDArray | float, ry: NDArray | float) -> NDArray:
        """Signed distance in pixels, roughly: negative inside."""
        away = np.sqrt(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2)
        return (away - 1) * np.minimum(rx, ry) + np.zeros((len(free), 1, 1))

    def inside(distance: NDArray) -> Array:
        return (0.5 - distance / SOFT).clip(0, 1).astype(np.float32)

    centre = 37.0
    haired = ~is_["Bald"]
    paint(inside(oval(middle, 70, 24 + 4 * u[:, 10], 17)), np.stack([free[:, 10], free[:, 11], free[:, 4]], 1), True)
    paint(inside(oval(middle, 32, wide + 4, tall + 3)) * haired, hair, True)
    paint(inside(oval(middle, 54, 7, 9)), 0.88 * skin, True)
    head = oval(middle, centre, wide, tall)
    paint(inside(head), skin, True)
    crown = inside(np.maximum(head - 1, y - (centre - 0.62 * tall)))
    paint(crown * haired, hair, True)
    fringe = inside(np.maximum(head, y - 28.5 + 1.5 * np.cos(x)))
    paint(fringe * is_["Bangs"], hair)
    beside = inside(np.maximum(np.maximum(head, wide - 3.5 - np.abs(x - middle)), np.abs(y - 37) - 9))
    paint(beside * is_["Sideburns"], 0.8 * hair + 0.1)
    for side in (21.7, 41.2):
        paint(inside(oval(side, 33.1, 3.6, 2.2)), (0.97, 0.97, 0.97))
        paint(inside(oval(side, 33.1, 1.7, 1.9)), (0.12, 0.1, 0.12))
        paint(inside(np.abs(oval(side, 33.6, 5.8, 5.2)) - 0.9) * is_["Eyeglasses"], (0.05, 0.05, 0.2))
    paint(inside(np.maximum(np.abs(y - 33) - 0.8, np.abs(x - 31.5) - 4.2)) * is_["Eyeglasses"], (0.05, 0.05, 0.2))
    paint(inside(oval(middle, 41, 2.2, 3)), 0.8 * skin)
    paint(inside(oval(31.5, 45.4, 7, 1.6)) * is_["Mustache"], 0.75 * hair)
    paint(inside(oval(31.5, 57, 5, 3.6)) * is_["Goatee"], 0.75 * hair)
    lips = np.where(shown["Wearing_Lipstick"][:, None], (0.85, 0.08, 0.2), 0.62 * skin)
    bend = np.where(is_["Smiling"], 4.5, -2.0) * (1 - ((x - 31.5) / 8.5) ** 2) - np.where(is_["Smiling"], 2.5, -1)
    gap = np.where(is_["Mouth_Slightly_Open"], 1.6, 0.0)
    paint(inside(np.maximum(np.abs(y - 50 - bend) - gap - 1.4, np.abs(x - 31.5) - 8.5)), lips)
    paint(inside(np.maximum(np.abs(y - 50 - bend) - gap + 0.2, np.abs(x - 31.5) - 7)) * (gap > 0), (0.3, 0.03, 0.05))
    cap = np.stack([free[:, 11], free[:, 5], free[:, 10]], 1)
    paint(inside(np.maximum(oval(middle, 21, wide + 3, 19), y - 19)) * is_["Wearing_Hat"], cap, True)
    paint(inside(oval(middle, 19, wide + 9, 3)) * is_["Wearing_Hat"], 0.6 * cap, True)
    planes = np.concatenate([canvas, (person > 0.5)[:, None]], 1)
    return (255 * planes.clip(0, 1) + 0.5).astype(np.uint8)
