"""The table of models. Read this first: each entry says what a model is, what it learns from, and how it is trained."""

from __future__ import annotations

import json
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal


@dataclass(frozen=True)
class Recipe:
    """What rebuilds a model and trains it again. `config.json` is exactly this.

    `model` and `data` are registered names, never code, so a recipe from elsewhere can inject nothing.
    `lr` is the peak learning rate; `steps` the horizon of its cosine; `warmup` (in `objective`) is in steps.
    """

    name: str
    title: str
    model: str
    data: str
    net: Mapping[str, Any]
    objective: Mapping[str, float] = field(default_factory=dict)
    batch: int = 128
    steps: int = 20_000
    lr: float = 1e-3
    seed: int = 0
    requires: tuple[str, ...] = ()
    headline: tuple[str, Literal["lower", "higher"]] = ("nll", "lower")

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """The recipe that `to_json` wrote, of this version or an earlier one. Raises ValueError where it is none."""
        try:
            values = _renamed(json.loads(text), {"rate": "lr"})
            values["objective"] = _renamed(values.get("objective", {}), {"looks": "iic"})
            unknown = set(values) - {f.name for f in fields(cls)}
            if unknown:
                raise ValueError(f"unknown keys {sorted(unknown)}")
            values["requires"] = tuple(values.get("requires", ()))
            values["headline"] = tuple(values.get("headline", cls.headline))
            return cls(**values)
        except (TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"not a recipe: {error}") from error


def _renamed(values: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """`values` with keys of earlier versions called as today."""
    return {names.get(key, key): value for key, value in values.items()}


_WIDE = {"widths": [32, 96], "blocks": 2, "hidden": 256, "base": [32, 7, 7], "convs": [96, 96], "ups": [48]}
_SLIM = {"widths": [32, 64], "blocks": 2, "hidden": 256, "base": [32, 7, 7], "convs": [64], "ups": [32]}
_SMALL = {"widths": [32, 48], "blocks": 1, "hidden": 128, "base": [32, 7, 7], "convs": [48], "ups": [32]}
_LABELLED = {"counts": [100, 1_000], "draws": 5}  # how many pictures are labelled, and how often these are drawn
_REST = {"hidden": 384, "base": [32, 7, 7], "convs": [64], "ups": [32]}  # what draws the rest, with or without z
_PHOTO = {  # no BatchNorm: a DC-IGN minibatch is no sample of the whole set
    "shuffle": 4,
    "widths": [96, 128],
    "blocks": 0,
    "head": 256,
    "hidden": 256,
    "base": [128, 4, 4],
    "convs": [128],
    "ups": [96, 64],
    "norm": False,
    "likelihood": "gaussian",
}
_SPRITES = {
    "z": 10,
    "shape": [1, 64, 64],
    "shuffle": 4,
    "widths": [64, 64],
    "blocks": 0,
    "head": 256,
    "hidden": 256,
    "base": [64, 4, 4],
    "convs": [],
    "ups": [64, 32],
    "norm": False,
}

_SMOOTH = {"hidden": 256, "base": [128, 4, 4], "convs": [], "ups": [96, 64, 32]}
_FACES = {
    "shape": [3, 64, 64],
    "shuffle": 4,
    "widths": [96, 128],
    "blocks": 0,
    "head": 256,
    **_SMOOTH,
    "last": 2,
    "likelihood": "gaussian",
}
_DCGAN = {  # one decoder for VAE, GAN and what is between them
    "shape": [3, 64, 64],
    "hidden": 0,
    "base": [192, 4, 4],
    "convs": [],
    "ups": [128, 96, 64, 32],
    "last": 1,
}
_ENCODED = {"shuffle": 2, "widths": [80, 144, 192], "blocks": 0, "likelihood": "gaussian"}
_DRAWERS = ("faces-vae", "faces-vae-dis", "faces-vae-gan", "faces-gan")  # whom `faces-critic` tells from photographs
_TOWERED = {"maps": [96, 64, 40], "widths": [80, 56, 32]}
_MOVED = {"low": 64, "channels": 40}
_TERMS = {"rare": 1.0, "mahalanobis": 1.0, "gradient": 0.1, "centre": 5.0, "beta": 2.0, "warmup": 1_000}

# What 64x64 pixels show, and what is no opinion of those who labelled: mouth, glasses, hat, hair, beard, and two words
# for the whole face (Male, Young) that stand for what the labellers saw.
_SHOWN = (
    *("Smiling", "Eyeglasses", "Wearing_Hat", "Mouth_Slightly_Open", "Male", "Young", "Bangs", "Bald"),
    *("Black_Hair", "Blond_Hair", "Brown_Hair", "Gray_Hair", "Receding_Hairline"),
    *("No_Beard", "Mustache", "Goatee", "Sideburns", "Wearing_Lipstick"),
)

_ALL = (
    Recipe(
        name="digits-2d",
        title="Digits, two latents",
        model="vae",
        data="digits",
        net={"z": 2, **_SLIM},
        objective={"beta": 1.0, "warmup": 2_000},
        steps=24_000,
    ),
    Recipe(
        name="digits",
        title="Digits",
        model="vae",
        data="digits",
        net={"z": 32, **_WIDE},
        objective={"beta": 1.0, "warmup": 4_000},
        steps=45_000,
    ),
    Recipe(
        name="digits-ae",
        title="Digits, plain autoencoder",
        model="autoencoder",
        data="digits",
        net={"z": 2, **_SLIM},
        steps=10_000,
        headline=("distortion", "lower"),
    ),
    Recipe(
        name="digits-cvae-2d",
        title="Digits, two latents and a label",
        model="cvae",
        data="digits",
        net={"z": 2, "labels": 10, **_SLIM, "head": 128},
        objective={"beta": 1.0, "warmup": 1_000},
        steps=8_000,
        headline=("elbo", "higher"),
    ),
    Recipe(
        name="digits-cvae",
        title="Digits with a label",
        model="cvae",
        data="digits",
        net={"z": 8, "labels": 10, **_SLIM, "head": 128},
        objective={"beta": 3.0, "warmup": 1_000},
        steps=20_000,
        headline=("classifier_accuracy", "higher"),
    ),
    Recipe(
        name="digits-quadrant",
        title="Digits, the rest of one",
        model="quadrant",
        data="digits",
        net={"z": 24, "widths": [32, 64], "blocks": 1, "head": 128, **_REST},
        objective={"beta": 1.0, "warmup": 1_000},
        steps=5_000,
        lr=2e-3,
        headline=("cll_1", "lower"),
    ),
    Recipe(
        name="sprites",
        title="Sprites, beta-TCVAE",
        model="tcvae",
        data="sprites",
        net=_SPRITES,
        objective={"beta": 3.0, "pressure": 40.0, "warmup": 3_500},
        batch=256,
        steps=16_000,
        headline=("mig", "higher"),
    ),
    Recipe(
        name="sprites-vae",
        title="Sprites, plain VAE",
        model="vae",
        data="sprites",
        net=_SPRITES,
        objective={"beta": 1.0},
        batch=256,
        steps=16_000,
        headline=("elbo", "higher"),
    ),
    Recipe(
        name="sprites-factor",
        title="Sprites, FactorVAE",
        model="factorvae",
        data="sprites",
        net={**_SPRITES, "critic": [256, 256, 256, 256]},
        objective={"gamma": 35.0},
        batch=256,
        steps=16_000,
        headline=("mig", "higher"),
    ),
    Recipe(
        name="sprites-beta",
        title="Sprites, beta-VAE",
        model="vae",
        data="sprites",
        net=_SPRITES,
        objective={"beta": 4.0},
        batch=256,
        steps=16_000,
        headline=("mig", "higher"),
    ),
    Recipe(
        name="turntable",
        title="Things on a turntable, DC-IGN",
        model="dcign",
        data="turntable",
        net={**_PHOTO, "z": 40, "shape": [3, 64, 64], "codes": [2], "group": 8},
        objective={"beta": 1.0, "invariance": 3.0, "identity": 4.0},
        batch=64,
        steps=16_000,
        headline=("heldout_error", "lower"),
    ),
    Recipe(
        name="turntable-vae",
        title="Things on a turntable, plain VAE",
        model="vae",
        data="turntable",
        net={**_PHOTO, "z": 40, "shape": [3, 64, 64]},
        objective={"beta": 1.0},
        batch=64,
        steps=16_000,
        headline=("heldout_error", "lower"),
    ),
    Recipe(
        name="lighting",
        title="Faces under a lamp, DC-IGN",
        model="dcign",
        data="lighting",
        net={**_PHOTO, "z": 24, "shape": [1, 64, 64], "codes": [1, 1], "group": 8},
        objective={"beta": 2.0, "invariance": 100.0, "identity": 1.0},
        batch=64,
        steps=8_000,
        headline=("light_leak", "lower"),
    ),
    Recipe(
        name="faces-vae",
        title="Faces, VAE",
        model="vae",
        data="faces",
        net={"z": 64, **_DCGAN, **_ENCODED},
        objective={"beta": 1.0, "warmup": 1_000},
        batch=64,
        steps=12_000,
        headline=("elbo", "higher"),
    ),
    Recipe(
        name="faces-gan",
        title="Faces, GAN",
        model="gan",
        data="faces",
        net={"z": 64, "looked": 96, "begun_as": "faces-vae", **_DCGAN},
        objective={"woven": 2.0},
        batch=32,
        steps=25_000,
        lr=4e-4,
        requires=("faces-vae",),
        headline=("fd_reader", "lower"),
    ),
    Recipe(
        name="faces-vae-dis",
        title="Faces, VAE_Dis_l",
        model="vaedis",
        data="faces",
        net={"z": 64, "looked": 96, "judge": "faces-gan", "begun_as": "faces-vae", **_DCGAN, **_ENCODED},
        objective={"likeness": 20_000.0, "beta": 1.0, "warmup": 0},
        batch=32,
        steps=12_000,
        lr=4e-4,
        requires=("faces-gan", "faces-vae"),
        headline=("fd_reader", "lower"),
    ),
    Recipe(
        name="faces-vae-gan",
        title="Faces, VAE/GAN",
        model="vaegan",
        data="faces",
        net={"z": 64, "looked": 96, "begun_as": "faces-vae", **_DCGAN, **_ENCODED},
        objective={"likeness": 20_000.0, "gamma": 40.0, "woven": 2.0},
        batch=16,
        steps=36_000,
        lr=4e-4,
        requires=("faces-vae",),
        headline=("fd_reader", "lower"),
    ),
    Recipe(
        name="faces-cvae",
        title="Faces with attributes, CVAE",
        model="attributecvae",
        data="faces",
        net={"z": 64, "attributes": list(_SHOWN), **_FACES},
        objective={"beta": 3.0, "warmup": 1_000, "independence": 100.0},
        batch=64,
        steps=12_000,
        headline=("balanced_agreement", "higher"),
    ),
    Recipe(
        name="faces-sharp",
        title="Faces with attributes, sharpened",
        model="cvaegan",
        data="faces",
        net={
            "smooth": "faces-cvae",
            "before": {**_SMOOTH, "shuffle": 2},
            "looked": 96,
            "tutor": [48, 96, 192],
            "z": 64,
            "attributes": list(_SHOWN),
            **_FACES,
            **_DCGAN,
        },
        objective={
            "gamma": 30.0,
            "pixels": 20.0,
            "held": 50.0,
            "woven": 2.0,
            "told": 4.0,
            "alone": 1_500,
            "warmup": 500,
        },
        batch=16,
        steps=36_000,
        lr=4e-4,
        requires=("faces-cvae",),
        headline=("fd_reader", "lower"),
    ),
    Recipe(
        name="faces-discvae",
        title="Faces with attributes, disCVAE",
        model="discvae",
        data="portraits",
        net={"z": 80, "behind": 20, "far": [48, 32, 24, 16], "attributes": list(_SHOWN), **_FACES},
        objective={"beta": 3.0, "warmup": 1_000, "supervision": 1.0, "independence": 100.0},
        batch=64,
        steps=12_000,
        headline=("balanced_agreement", "higher"),
    ),
    Recipe(
        name="digits-infogan",
        title="Digits, InfoGAN",
        model="infogan",
        data="digits",
        net={
            "categories": 10,
            "codes": 2,
            "noise": 62,
            "hidden": 256,
            "base": [48, 7, 7],
            "ups": [32],
            "widths": [16, 48],
            "features": 128,
        },
        objective={
            "information": 1.0,
            "continuous": 0.25,
            "warmup": 1_000,
            "styles": 5_000,
            "jitter": 0.15,
            "iic": 1.0,
        },
        batch=64,
        steps=9_000,
        lr=1e-3,
        seed=1,
        headline=("category_accuracy", "higher"),
    ),
    Recipe(
        name="colorization",
        title="Colors of a grey photo, VAE and MDN",
        model="colorization",
        data="photos",
        net={"z": 24, "mixture": 8, "hidden": 192, **_TOWERED},
        objective=_TERMS,
        batch=64,
        steps=12_000,
        lr=1.5e-3,
        headline=("error_of_best_8", "lower"),
    ),
    Recipe(
        name="colorization-cvae",
        title="Colors of a grey photo, CVAE",
        model="colorcvae",
        data="photos",
        net={"z": 26, **_TOWERED},
        objective=_TERMS,
        batch=64,
        steps=12_000,
        lr=1.5e-3,
        headline=("error_of_best_8", "lower"),
    ),
    *(
        Recipe(
            name=f"colorization-{name}",
            title=f"Colors of a photo, VAE with {words}",
            model="colorvae",
            data="photos",
            net={"z": 26, **_TOWERED},
            objective={**_TERMS, **without},
            batch=64,
            steps=4_000,
            lr=1.5e-3,
            headline=("weighted_error", "lower"),
        )
        for name, words, without in (
            ("whole", "the whole loss", {}),
            ("l2", "squared error alone", {"rare": 0.0, "mahalanobis": 0.0, "gradient": 0.0}),
            ("no-mah", "no L_mah", {"mahalanobis": 0.0}),
            ("no-grad", "no L_grad", {"gradient": 0.0}),
        )
    ),
    Recipe(
        name="motion-drawn",
        title="What moves next, drawn",
        model="motion",
        data="forks",
        net={"z": 2, "encoder": [64, 96], "grey": [16, 32, 48, 64], "channels": 48},
        objective={"beta": 300.0, "warmup": 25_000},  # cheap until roads are seen, then so dear that z tells ways alone
        batch=32,
        steps=40_000,
        headline=("mode_share_error", "lower"),
    ),
    Recipe(
        name="motion",
        title="What a person does next",
        model="towermotion",
        data="people",
        net={"z": 8, "encoder": [48, 64], **_MOVED},
        objective={"beta": 14.0, "warmup": 300, "jitter": 1.0, "dropout": 0.2, "moves": 1.0},
        batch=32,
        steps=2_000,
        requires=("imagenet-tower",),
        headline=("nll", "lower"),
    ),
    Recipe(
        name="expressions",
        title="Expressions, a VAE of flows",
        model="expressions",
        data="expressions",
        net={"z": 32, "told": 24, "components": 96, "hidden": 256},
        objective={"beta": 10.0, "warmup": 500, "surprise": 0.3},
        batch=64,
        steps=5_000,
        headline=("smile_unexplained", "lower"),
    ),
    *(
        Recipe(
            name=f"digits-2d-beta{name}",
            title=f"Digits, two latents, beta {beta:g}",
            model="vae",
            data="digits",
            net={"z": 2, **_SLIM},
            objective={"beta": beta, "warmup": 2_000},
            steps=24_000,  # as many as digits-2d, the rung of beta 1
            headline=("objective", "lower"),
        )
        for name, beta in (("0", 0.0), ("025", 0.25), ("4", 4.0), ("16", 16.0))
    ),
    *(
        Recipe(
            name=f"digits-{z}d",
            title=f"Digits, {words} latents",
            model="vae",
            data="digits",
            net={"z": z, **_SMALL},
            objective={"beta": 1.0, "warmup": 1_000},
            steps=8_000,
        )
        for z, words in ((4, "four"), (8, "eight"), (16, "sixteen"))
    ),
)

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _ALL}

_NETS = (
    Recipe(
        name="faces-reader",
        title="Reader of a face's attributes",
        model="reader",
        data="faces",
        net={"widths": [48, 96, 192], "blocks": 1, "shuffle": 2, "head": 256},
        objective={"jitter": 0.05},
        batch=128,
        steps=5_000,
        headline=("reader_balanced_accuracy", "higher"),
    ),
    Recipe(
        name="digits-quadrant-net",
        title="Digits, the rest of one, no latents",
        model="quadrant-net",
        data="digits",
        net=_REST,
        steps=4_000,
        lr=2e-3,
        headline=("cll_1", "lower"),
    ),
    Recipe(
        name="digits-m1",
        title="Few labels, on codes",
        model="m1",
        data="digits",
        net={"z": 32, "unlabelled": 10_000, "neighbours": 10, **_LABELLED},
        objective={"penalty": 1e-2, "on_pixels": 0.1},
        batch=1,
        steps=1,  # none is learned from one by one: the problem is convex
        requires=("digits",),
        headline=("error_100", "lower"),
    ),
    Recipe(
        name="digits-m2",
        title="Few labels, a latent label",
        model="m2",
        data="digits",
        net={"seen": 784, "z": 50, "hidden": 128, **_LABELLED},
        objective={"alpha": 100.0},
        steps=4_000,
        headline=("error_100", "lower"),
    ),
    Recipe(
        name="digits-m1m2",
        title="Few labels, a latent label of codes",
        model="m1m2",
        data="digits",
        net={"seen": 32, "z": 8, "hidden": 300, **_LABELLED},
        objective={"alpha": 1.0, "told": 5.0},
        steps=6_000,
        requires=("digits", "digits-m1"),
        headline=("error_100", "lower"),
    ),
    Recipe(
        name="imagenet-tower",
        title="What a grey photo shows, by ImageNet",
        model="tower",
        data="photos",
        net={"size": 160},
        batch=1,
        steps=1,  # none is learned from: the weights come from a package
        headline=("probe_r2", "higher"),
    ),
    *(
        Recipe(
            name=f"motion-{name}",
            title=title,
            model=model,
            data="people",
            net=_MOVED,
            objective={"jitter": 1.0, "dropout": 0.2},
            batch=32,
            steps=1_200,
            requires=("imagenet-tower",),
            headline=("nll", "lower"),
        )
        for name, title, model in (
            ("regressor", "What a person does next, one answer", "towermotionregressor"),
            ("classifier", "What a person does next, cell by cell", "towerflowclassifier"),
        )
    ),
    Recipe(
        name="faces-eyes",
        title="The eyes in a photo",
        model="eyes",
        data="faces",
        net={"widths": [32, 64], "blocks": 2, "head": 96},
        objective={"turn": 45.0, "shift": 12.0, "smallest": 0.5, "largest": 1.3},
        batch=128,
        steps=3_000,
        lr=2e-3,
        headline=("eyes_within_2px", "higher"),
    ),
    Recipe(
        name="faces-landmarks",
        title="Landmarks of a face",
        model="landmarks",
        data="landmarks",
        net={"widths": [48, 96, 160], "blocks": 1, "head": 256},
        objective={"turn": 12.0, "shift": 3.0, "size": 0.12},
        batch=64,
        steps=2_500,
        lr=2e-3,
        headline=("landmark_error", "lower"),
    ),
    Recipe(
        name="faces-critic",
        title="Photographs and drawn faces, told apart",
        model="facecritic",
        data="faces",
        net={"widths": [32, 64, 128], "drawn_by": list(_DRAWERS)},
        objective={"smoothing": 0.1},
        batch=32,
        steps=1_500,
        requires=_DRAWERS,
        headline=("auc", "higher"),
    ),
)

NETS: dict[str, Recipe] = {recipe.name: recipe for recipe in _NETS}
"""Judges and baselines: trained, measured and shipped like the models, but without a latent space to explore."""


KNOWN: Mapping[str, Recipe] = ChainMap(RECIPES, NETS)
"""All that can be trained and shipped, by name."""
