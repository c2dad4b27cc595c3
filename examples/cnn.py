"""Train a small convolutional network with batch norm and max pooling on scanned digits.

    python examples/cnn.py [--epochs 20] [--seed 0] [--device cuda]

The data are the 1,797 digits of 8 x 8 pixels that scikit-learn ships; a quarter of them is held out, and of these 98 %
must be read right.  The learning rate rises for some steps and falls along a cosine, gradients are clipped by their
norm, and dropout stands before the last layer.  At the end the program says how many images a second it went through,
and which conventions the last gradient rests on: relu has no derivative at 0, and a max pool none where two winners
tie.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import sys
import time
from collections import Counter

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # for matrices as small as these, threads cost more than they give

import numpy as np
from rich.console import Console
from rich.progress import track
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import hasderiv as hd

BATCH, RATE, CLIP, DROPPED, WANTED = 64, 4e-3, 1.0, 0.3, 0.98
CHANNELS = (1, 16, 32)


def parameters(session: hd.Session) -> None:
    """Two convolutions with their batch norms, and a linear layer; running statistics have no gradient."""
    for i, (before, after) in enumerate(itertools.pairwise(CHANNELS)):
        scale = math.sqrt(2 / (9 * before))
        session.parameter(f"kernel{i}", session.normal((after, before, 3, 3), scale))
        session.parameter(f"gamma{i}", np.ones(after))
        session.parameter(f"beta{i}", np.zeros(after))
        session.parameter(f"mean{i}", np.zeros(after), requires_grad=False)
        session.parameter(f"variance{i}", np.ones(after), requires_grad=False)
    features = CHANNELS[-1] * 2 * 2
    session.parameter("weight", session.normal((features, 10), 1 / math.sqrt(features)))
    session.parameter("bias", np.zeros(10))


def scores(session: hd.Session, images: hd.Tensor, training: bool) -> hd.Tensor:
    """The network, (N, 1, 8, 8) to (N, 10).  In training running statistics move on, and features are dropped."""
    p, x = session.parameters, images
    for i in range(len(CHANNELS) - 1):
        x = hd.conv2d(x, p[f"kernel{i}"], padding=1)
        x, mean, variance = hd.batch_norm(
            x, p[f"mean{i}"], p[f"variance{i}"], p[f"gamma{i}"], p[f"beta{i}"], training=training
        )
        if training:
            session.assign(f"mean{i}", mean)
            session.assign(f"variance{i}", variance)
        x = hd.max_pool2d(hd.relu(x), 2)
    x = x.reshape(len(images), -1)
    return (session.dropout(x, DROPPED) if training else x) @ p["weight"] + p["bias"]


def cross_entropy(outputs: hd.Tensor, labels: hd.Tensor) -> hd.Tensor:
    """The mean of -log softmax(outputs)[label]."""
    return -hd.gather_scalar(hd.log_softmax(outputs), labels).mean()


def accuracy(session: hd.Session, images: np.ndarray, labels: np.ndarray) -> float:
    """The share of images that are read right, with the running statistics."""
    with hd.no_grad():
        guessed = session.read(scores(session, session.input(images), training=False)).argmax(axis=1)
    return float((guessed == labels).mean())


def conventions(loss: hd.Tensor) -> str:
    """How often each op met a point without a derivative below this loss."""
    found = Counter()
    for use in hd.conventions_used(loss):
        found[use.op] += len(use.coordinates)
    return ", ".join(f"{op} at {count} points" for op, count in sorted(found.items())) or "none"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    images, labels = load_digits(return_X_y=True)
    images = (images / 16 - 0.3).astype(np.float32).reshape(-1, 1, 8, 8)
    parts = train_test_split(images, labels, test_size=0.25, stratify=labels, random_state=arguments.seed)
    seen, unseen, seen_labels, unseen_labels = parts

    session = hd.Session(arguments.device, seed=arguments.seed)
    parameters(session)
    steps = arguments.epochs * (len(seen) // BATCH)
    rate = hd.optim.warmup(steps // 10 or 1, then=hd.optim.cosine(RATE, steps))
    optimizer = hd.optim.AdamW(session.trainable, lr=rate, clip=CLIP)
    rng = np.random.default_rng(arguments.seed)
    batches = np.concatenate(
        [rng.permutation(len(seen))[: steps // arguments.epochs * BATCH] for _ in range(arguments.epochs)]
    ).reshape(steps, BATCH)

    console = Console()
    used, began = "", time.perf_counter()
    for step, batch in enumerate(track(batches, "training", console=console, disable=not console.is_terminal)):
        loss = cross_entropy(
            scores(session, session.input(seen[batch]), training=True), session.index(seen_labels[batch])
        )
        if step == steps - 1:
            used = conventions(loss)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    seconds = time.perf_counter() - began

    right = accuracy(session, unseen, unseen_labels)
    print(f"loss {loss.item():.4f}, test accuracy {right:.4f}")
    print(f"{steps * BATCH / seconds:.0f} images/s forward, backward and AdamW, {1e3 * seconds / steps:.1f} ms a step")
    print(f"conventions in the last step: {used}")
    return 0 if right >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
