"""The models behind the page: loaded when first asked for, decoded in batches that several visitors share.

Nothing here imports torch before a model is needed; the page itself decodes in the browser.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaedemo import zoo
from vaedemo.errors import Refused, Unavailable
from vaedemo.latents import MOST, checked
from vaedemo.store import bundles
from vaedemo.vision import preprocessing

if TYPE_CHECKING:
    from torch import Tensor

    from vaedemo.models.base import LatentModel
    from vaedemo.models.cvae import AttributeCVAE
    from vaedemo.models.eyes import Eyes
    from vaedemo.vision.face_alignment import Upright

AT_ONCE = 64  # vectors decoded in one pass: more would only take memory


@dataclass(frozen=True)
class Posterior:
    """q(z|x) of one picture, and its ELBO's terms in nats: everything the page shows of an encoded picture."""

    mean: NDArray[np.float32]  # (Z,)
    log_var: NDArray[np.float32]  # (Z,)
    rates: NDArray[np.float32] | None  # (Z,), KL of each latent; None for a plain autoencoder, which has no prior
    distortion: float
    label: int | None = None  # that a model of labels was told, or under which it explains the picture best
    attributes: NDArray[np.float32] | None = None  # (A,) that a model of attributes was told: what the reader read

    @property
    def rate(self) -> float | None:
        return None if self.rates is None else float(self.rates.sum())


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)  # many small requests side by side: threads within one only make them wait


zoo.before_loading(_one_thread)


def predict(name: str, y: NDArray) -> NDArray[np.uint8]:
    """The one answer of a net without a latent space as bytes, (n, C, H, W), for conditions (n, Y) or (Y,).

    Raises Refused for conditions of another length, and for models that have latents; Unavailable.
    """
    import torch

    from vaedemo.models.quadrant import QuadrantNet

    chosen = zoo.loaded_net(name)
    if not isinstance(chosen, QuadrantNet):
        raise Refused(f"model: {name} predicts no picture from a condition alone")
    given = torch.from_numpy(checked(name, y, chosen.y, "y"))
    with torch.inference_mode():
        return (chosen.predict(given).sigmoid() * 255 + 0.5).to(torch.uint8).numpy()


def decode(name: str, z: NDArray) -> NDArray[np.uint8]:
    """Means of p(x|z, y) as bytes, (n, C, H, W), for vectors of z, then y: (n, Z + Y) or (Z + Y,). Raises Refused."""
    return submit(name, checked(name, z, width(name))).result()


def score(name: str, x: NDArray, z: NDArray) -> NDArray[np.float32]:
    """log p(x|z) in nats, (rows, n), of pictures x (rows * C * H * W,), 0 or 1, for codes z (n, Z).

    Raises Refused for pictures that are not black and white, and for models without a Bernoulli p(x|z).
    """
    import torch

    from vaedemo.models.vae import VAE

    chosen = zoo.loaded(name)
    if not isinstance(chosen, VAE) or chosen.gaussian or chosen.y:
        raise Refused(f"model: {name} has no Bernoulli p(x|z) of its latents alone")
    if np.asarray(x).max(initial=0) > 1:
        raise Refused("x: only black and white pictures are scored, of bytes 0 and 1")
    ink = torch.from_numpy(np.array(x, np.float32)).view(-1, chosen.shape[0] * chosen.shape[1] * chosen.shape[2])
    codes = torch.from_numpy(checked(name, z, chosen.z))
    with torch.inference_mode():
        logits = torch.cat([chosen.decode(some).flatten(1) for some in codes.split(AT_ONCE)])
        return (ink @ logits.T - torch.nn.functional.softplus(logits).sum(1)).numpy()


def width(name: str) -> int:
    """How many numbers the model's decoder takes: z, then the condition y."""
    chosen = zoo.loaded(name)
    return chosen.z + chosen.y


def submit(name: str, z: NDArray[np.float32]) -> Future[NDArray[np.uint8]]:
    """`decode` of a checked z, to wait for elsewhere."""
    return _batcher(name).submit(z)


def seen(name: str, image: Image.Image) -> NDArray[np.float32]:
    """A picture as the model's training pictures were, (C, H, W) in [0, 1]. Raises BadPicture, and Unavailable."""
    data = bundles.recipe_of(name).data
    return preprocessing.prepared(image, data, eyes_net() if data in preprocessing.OF_FACES else None)


def eyes_net() -> Eyes:
    """The net that finds the eyes in a photo. Raises Unavailable where no source has it."""
    from vaedemo.models.eyes import Eyes

    net = zoo.loaded_net("faces-eyes")
    assert isinstance(net, Eyes)
    return net


def face_in(photo: Image.Image, eyes: NDArray | None) -> tuple[NDArray[np.float32], list[list[float]]] | None:
    """The face of a photo as models of faces see it, (3, 64, 64) in [0, 1], and its eyes in parts of the photo's sides.

    `eyes`, in such parts (2, 2), are believed; without them they are looked for. None: no face is found as the photo
    lies, or the net that knows eyes is nowhere: then a person turns the photo, or points at them.
    """
    if eyes is None:
        found = _upright(photo)
        if found is None or found.degrees:
            return None
        places = found.eyes
    else:
        places = eyes * photo.size - 0.5
    return preprocessing.to_portrait(photo, places), ((places + 0.5) / photo.size).tolist()


def _upright(photo: Image.Image) -> Upright | None:
    from vaedemo.vision import face_alignment

    try:
        return face_alignment.upright(photo, eyes_net())
    except Unavailable:
        return None


def no_face(photo: Image.Image) -> dict[str, object]:
    """What routes answer where no face is found as the photo lies: `eyes` null; `turned`, by how many degrees
    counter-clockwise it must be turned for one to be found, 90, 180 or 270, or null."""
    found = _upright(photo)
    return {"eyes": None, "turned": (found and found.degrees) or None}


def encoding(name: str) -> LatentModel:
    """A model that can encode. Raises Refused for others, UnknownModel for nets without latents, and Unavailable."""
    from vaedemo.models.base import LatentModel

    chosen = zoo.loaded(name)
    if type(chosen).encode is LatentModel.encode:
        raise Refused(f"model: {name} has no encoder, so there is no posterior of a picture")
    return chosen


def encode(name: str, x: NDArray, label: int | None = None) -> Posterior:
    """The posterior of one picture x (C, H, W) in [0, 1]. Distortion is at the posterior's mean.

    label: of a model that is told one; none: the label that explains the picture best. A model of attributes is told
    what `faces-reader` reads in the picture.
    Raises Refused for a picture of another shape, a label that the model does not know, and a model that cannot encode.
    """
    import torch

    from vaedemo.models.cvae import CVAE, AttributeCVAE

    chosen = encoding(name)
    labels = chosen.y if isinstance(chosen, CVAE) else 0
    if label is not None and not 0 <= label < labels:
        known = f"a whole number from 0 to {labels - 1}" if labels else "no label"
        raise Refused(f"label: {name} is told {known}, not {label}")
    given = _checked_picture(name, chosen, x)
    with torch.inference_mode():
        told = torch.tensor([label or 0])
        if label is None and isinstance(chosen, CVAE):
            told = chosen.recognize(given)
        with_attributes = isinstance(chosen, AttributeCVAE)
        y = _attributes_of(chosen, given) if with_attributes else chosen.condition(told)
        q = chosen.encode(given, y)
        rates = chosen.rate(q)[0].numpy() if chosen.has_prior else None
        distortion = float(chosen.distortion(given, q.mean, y)[0])
    read = int(told) if labels else None
    seen = y[0].numpy() if with_attributes else None
    return Posterior(q.mean[0].numpy(), 2 * q.stddev[0].log().numpy(), rates, distortion, read, seen)


def read(name: str, z: NDArray) -> NDArray[np.float32]:
    """What `faces-reader` reads in pictures decoded from vectors (n, Z + A): of each of the model's A attributes
    p(there) - p(not there), where both are equally likely, (n, A). Raises Refused for a model without attributes."""
    import torch

    chosen, vectors = _with_attributes(name), checked(name, z, width(name))
    with torch.inference_mode():
        decoded = (chosen.decode(*part) for part in _parts(chosen, vectors))
        return torch.cat([_attributes_of(chosen, chosen.render(some)) for some in decoded]).numpy()


def _attributes_of(chosen: AttributeCVAE, x: Tensor) -> Tensor:
    """What the reader reads of the model's attributes in pictures (n, 3, 64, 64), as a description: (n, A)."""
    from vaedemo.models.reader import Reader

    reader = zoo.loaded_net("faces-reader")
    assert isinstance(reader, Reader)
    return reader.expected(x)[:, chosen.columns]


def fit(
    name: str, x: NDArray, y: NDArray | None, visible: NDArray | None, n: int, spread: bool, seed: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """`latent_inversion.fitted` of a model of attributes, step by step: (step, vectors (n, Z + A)). x: (3, 64, 64) and
    visible: (64, 64), both in [0, 1]; y (A,), or None: what the reader reads in x, its hidden part grey.

    Raises Refused.
    """
    import torch

    from vaedemo.vision.latent_inversion import fitted

    chosen = _with_attributes(name)
    given = _checked_picture(name, chosen, x)[0]
    seen = torch.ones(given.shape[1:])
    if visible is not None:
        seen = torch.from_numpy(np.asarray(visible, np.float32) > 0.5).float()
    if seen.shape != given.shape[1:] or not seen.any():
        raise Refused("visible: something of the picture has to be left to go by")
    if y is None:
        with torch.no_grad():
            told = _attributes_of(chosen, torch.where(seen > 0, given, 0.5)[None])[0]
    else:
        told = torch.from_numpy(checked(name, y, chosen.y, "y")[0]).clamp(-1, 1)
    for step, z in fitted(chosen, given, told, seen, n, spread, seed):
        yield step, torch.cat([z, told.expand(n, -1)], 1).numpy()


def layers(name: str, z: NDArray) -> NDArray[np.uint8]:
    """Foreground, gate, background and the picture they make, (n, 10, H, W) as bytes, for vectors (n, Z + A).
    Raises Refused for a model that draws no layers."""
    import torch

    from vaedemo.models.attribute2image import DisCVAE

    chosen = zoo.loaded(name)
    if not isinstance(chosen, DisCVAE):
        raise Refused(f"model: {name} draws no layers")
    vectors = checked(name, z, width(name))
    with torch.inference_mode():
        decoded = (chosen.decode(*part) for part in _parts(chosen, vectors))
        planes = [torch.cat([*chosen.layers(some), chosen.render(some)], 1) for some in decoded]
        return (torch.cat(planes) * 255 + 0.5).to(torch.uint8).numpy()


def asked(name: str, values: Mapping[str, float]) -> NDArray[np.float32]:
    """A description in the order of the model's y, (A,). Raises Refused, and ValueError for what it does not know."""
    return _with_attributes(name).asked(values).numpy()


def attributes(name: str) -> tuple[str, ...]:
    """The attributes that a model is told, in the order of y. Raises Refused for a model that is told none."""
    return _with_attributes(name).attributes


def _with_attributes(name: str) -> AttributeCVAE:
    from vaedemo.models.cvae import AttributeCVAE

    chosen = zoo.loaded(name)
    if not isinstance(chosen, AttributeCVAE):
        raise Refused(f"model: {name} is told no attributes")
    return chosen


def activations(name: str, x: NDArray) -> list[NDArray[np.float32]]:
    """What the encoder makes of one picture x (C, H, W): (channels, height, width) after each halving stage's ReLU.

    Raises Refused for a picture of another shape, and for a model whose encoder is no plain chain from it alone.
    """
    import torch
    from torch import nn

    chosen = zoo.loaded(name)
    layers = getattr(chosen, "encoder", None)
    if not isinstance(layers, nn.Sequential):
        raise Refused(f"{name}: its encoder is no plain chain, so there are no stages to show")
    if getattr(layers[0], "in_channels", chosen.shape[0]) != chosen.shape[0]:
        raise Refused(f"{name}: its encoder takes more than a picture, so there are no stages of a picture alone")
    answer = _checked_picture(name, chosen, x)
    stages: list[NDArray[np.float32]] = []
    halved = False
    with torch.inference_mode():
        for layer in layers:  # walked, not hooked: other visitors use the same module at the same time
            answer = layer(answer)
            halved = halved or (isinstance(layer, nn.Conv2d) and layer.stride == (2, 2))
            if halved and isinstance(layer, nn.ReLU):
                stages.append(answer[0].numpy())
                halved = False
    return stages


def _checked_picture(name: str, chosen: LatentModel, x: NDArray) -> Tensor:
    """x (C, H, W) as (1, C, H, W) in [0, 1]. Raises Refused."""
    import torch

    x = np.asarray(x, np.float32)
    if x.shape != chosen.shape or not np.isfinite(x).all():
        raise Refused(f"image: {name} takes finite values of shape {chosen.shape}, not {x.shape}")
    return torch.from_numpy(x)[None].clamp(0, 1)


class _Batcher:
    """Decodes what several visitors ask at once in one pass: a batch of eight costs little more than one."""

    def __init__(self, name: str):
        self.name = name
        self.waiting: SimpleQueue[tuple[NDArray[np.float32], Future[NDArray[np.uint8]]]] = SimpleQueue()
        threading.Thread(target=self._work, name=f"decode {name}", daemon=True).start()

    def submit(self, z: NDArray[np.float32]) -> Future[NDArray[np.uint8]]:
        answer: Future[NDArray[np.uint8]] = Future()
        self.waiting.put((z, answer))
        return answer

    def _work(self) -> None:
        while True:
            asked = [self.waiting.get()]
            while sum(len(z) for z, _ in asked) < MOST:
                try:
                    asked.append(self.waiting.get_nowait())
                except Empty:
                    break
            asked = [(z, answer) for z, answer in asked if answer.set_running_or_notify_cancel()]  # some have left
            if not asked:
                continue
            try:
                pixels = _pixels(self.name, np.concatenate([z for z, _ in asked]))
                for (_, answer), part in zip(asked, np.split(pixels, np.cumsum([len(z) for z, _ in asked])[:-1])):
                    answer.set_result(part)
            except Exception as error:  # it belongs to those who asked, not to this thread
                for _, answer in asked:
                    answer.set_exception(error)


@cache
def _batcher(name: str) -> _Batcher:
    return _Batcher(name)


def _pixels(name: str, z: NDArray[np.float32]) -> NDArray[np.uint8]:
    import torch

    chosen = zoo.loaded(name)
    with torch.inference_mode():
        means = torch.cat([chosen.render(chosen.decode(*part)) for part in _parts(chosen, z)])
        return (means * 255 + 0.5).to(torch.uint8).numpy()


def _parts(chosen: LatentModel, vectors: NDArray[np.float32]) -> Iterator[tuple[Tensor, ...]]:
    """z and y of vectors (n, Z + Y), as many at once as are decoded in one pass."""
    import torch

    return (part.split([chosen.z, chosen.y], 1) for part in torch.from_numpy(vectors).split(AT_ONCE))
