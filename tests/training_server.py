"""What the process holds from which `small_training.started` forks others: torch, and the pictures, drawn once."""

from __future__ import annotations

import distributed_training as distributed_training
import torch
from small_training import some_pictures

torch.optim.Adam([torch.zeros(1)])  # torch imports half of itself with the first optimizer
some_pictures()
