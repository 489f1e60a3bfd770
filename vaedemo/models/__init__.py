"""The registry: a recipe names its model here, so that `config.json` never holds code."""

from __future__ import annotations

from vaedemo.models.attribute2image import DisCVAE
from vaedemo.models.base import LatentModel, Trainable
from vaedemo.models.colorization import ColorBins, ColorCVAE, Colorization, ColorRegression, ColorVAE
from vaedemo.models.cvae import CVAE, AttributeCVAE
from vaedemo.models.dcign import DCIGN
from vaedemo.models.eyes import Eyes
from vaedemo.models.factorvae import FactorVAE
from vaedemo.models.folding import fold_batchnorm
from vaedemo.models.infogan import InfoGAN
from vaedemo.models.motion import FlowClassifier, Motion, MotionRegressor
from vaedemo.models.quadrant import Quadrant, QuadrantNet
from vaedemo.models.reader import Reader
from vaedemo.models.sharpened import Sharpened
from vaedemo.models.tcvae import TCVAE
from vaedemo.models.vae import VAE, Autoencoder
from vaedemo.recipes import Recipe

MODELS: dict[str, type[LatentModel]] = {
    "vae": VAE,
    "autoencoder": Autoencoder,
    "cvae": CVAE,
    "attributecvae": AttributeCVAE,
    "discvae": DisCVAE,
    "sharpened": Sharpened,
    "tcvae": TCVAE,
    "factorvae": FactorVAE,
    "dcign": DCIGN,
    "infogan": InfoGAN,
    "quadrant": Quadrant,
    "colorization": Colorization,
    "colorcvae": ColorCVAE,
    "colorvae": ColorVAE,
    "motion": Motion,
}


NETS: dict[str, type[Trainable]] = {  # without a latent space: judges and baselines
    "reader": Reader,
    "quadrant-net": QuadrantNet,
    "eyes": Eyes,
    "colorbins": ColorBins,
    "colorregression": ColorRegression,
    "motionregressor": MotionRegressor,
    "flowclassifier": FlowClassifier,
}


def build(recipe: Recipe, folded: bool = False) -> LatentModel:
    """`build_net` of a recipe whose model has a latent space. Raises ValueError for another."""
    model = build_net(recipe, folded)
    if not isinstance(model, LatentModel):
        raise ValueError(f"{recipe.name} has no latent space")
    return model


def build_net(recipe: Recipe, folded: bool = False) -> Trainable:
    """A freshly initialized model of `recipe`.

    `folded=True` gives what a promoted file's tensors fit: see `shipped`.
    """
    known = {**MODELS, **NETS}
    if recipe.model not in known:
        raise ValueError(f"recipe {recipe.name!r} asks for the model {recipe.model!r}; known: {', '.join(known)}")
    model = known[recipe.model](**recipe.net, **recipe.objective)
    return shipped(model) if folded else model


def shipped(model: Trainable) -> Trainable:
    """`model`, in place, in eval mode, as it ships: BatchNorm folded, and without what only training needs."""
    for name in model.only_in_training:
        if hasattr(model, name):
            delattr(model, name)
    return fold_batchnorm(model)
