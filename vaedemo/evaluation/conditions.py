"""Whether a conditional model draws what it is asked for, by the verdict of a classifier that it never met."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vaedemo import data
from vaedemo.data import Pictures
from vaedemo.evaluation.registry import measure
from vaedemo.models.cvae import CVAE
from vaedemo.models.nets import conv_encoder

ASKED = 1_000  # pictures of each label
EPOCHS = 3
BATCH = 128
PIECE = 500


@measure(
    "digits",
    "cvae",
    units={
        "classifier_accuracy": "pictures drawn for a label that an independent classifier takes for it, 1,000 a label",
        "classifier_accuracy_real": "real test pictures that the same classifier reads right",
    },
)
def label_agreement(model: CVAE, pictures: Pictures) -> dict[str, float]:
    """The share of pictures, drawn for a label from random z, that a classifier takes for that label; and the share of
    real pictures of the split that it reads right."""
    judge = classifier(pictures, model.y)
    asked = torch.arange(model.y).repeat_interleave(ASKED)
    z = model.prior().sample(asked.shape)
    drawn = [
        judge(model.render(model.decode(some, model.condition(labels)))).argmax(1) == labels
        for some, labels in zip(z.split(PIECE), asked.split(PIECE))
    ]
    real = [
        judge(pictures.floats(part)).argmax(1) == pictures.y[part] for part in torch.arange(len(pictures)).split(PIECE)
    ]
    return {
        "classifier_accuracy": float(torch.cat(drawn).float().mean()),
        "classifier_accuracy_real": float(torch.cat(real).float().mean()),
    }


def classifier(pictures: Pictures, labels: int) -> nn.Module:
    """A small convolutional net that reads labels, trained here on the training split that belongs to `pictures`.

    It takes a minute, and no weights of it are kept: who measures again gets the same judge, from the same seed.
    """
    with torch.inference_mode(False), torch.enable_grad(), torch.random.fork_rng():
        torch.manual_seed(0)
        seen = data.load("digits", "train", twin=pictures.synthetic)
        net = conv_encoder(tuple(seen.x.shape[1:]), [32, 64], 1, labels)
        steps = EPOCHS * (len(seen) // BATCH)
        optimizer = torch.optim.Adam(net.parameters())
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
        for _ in range(steps):
            chosen = torch.randint(len(seen), (BATCH,))
            loss = F.cross_entropy(net(_shifted(seen.floats(chosen))), seen.y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net.eval()


def _shifted(x: Tensor) -> Tensor:
    """Pictures (B, C, H, W) moved by up to two pixels, the whole batch alike: drawn digits are not as well centred."""
    right, down = torch.randint(-2, 3, (2,)).tolist()
    return x.roll((down, right), (2, 3))
