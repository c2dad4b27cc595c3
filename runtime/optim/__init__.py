"""Optimizers (SGD, momentum, Adam, AdamW), learning-rate schedules, and clipping of gradients by their norm."""

from . import schedules
from .clipping import clip_by_norm, global_norm
from .optimizers import SGD, Adam, AdamW, Momentum, Optimizer
from .schedules import constant, cosine, linear, step_decay, warmup

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Momentum",
    "Optimizer",
    "clip_by_norm",
    "constant",
    "cosine",
    "global_norm",
    "linear",
    "schedules",
    "step_decay",
    "warmup",
]
