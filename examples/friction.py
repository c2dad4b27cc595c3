"""Dry friction on a slope: a model that is wrong if a convention passes for a derivative.

    python examples/friction.py

Blocks lie at rest on slopes of different angles.  Friction is minus the derivative of the
dissipation mu N |v|, and at v = 0 that has none: the kernel returns 0 there, by convention.  A
simulator that takes the 0 for a force sees frictionless blocks and lets all of them start to slide.
``hd.conventions_used`` names the blocks for which the 0 was a convention and gives the derivatives
on both sides, [-mu N, mu N]: the range of forces that friction can exert on a block at rest.  A block
stays if the pull of gravity lies in that range, which is Coulomb's law: if tan(angle) <= mu.
"""

from __future__ import annotations

import sys

import numpy as np

import hasderiv as hd

MU, GRAVITY, STEP, STEPS = 0.5, 9.81, 0.01, 100
ANGLES = np.radians([0.0, 10.0, 20.0, 26.0, 27.0, 35.0, 45.0])  # arctan(0.5) is 26.57 degrees
PULL = GRAVITY * np.sin(ANGLES)  # acceleration along the slope
GRIP = MU * GRAVITY * np.cos(ANGLES)  # the most that friction can take away


def friction(velocity: np.ndarray) -> tuple[np.ndarray, list]:
    """Minus the derivative of the dissipation, and what of it rests on a convention."""
    v = hd.tensor(velocity, requires_grad=True)
    dissipation = (hd.abs(v) * GRIP).sum()
    used = hd.conventions_used(dissipation)
    dissipation.backward()
    return -np.asarray(v.grad), used


def naive_step(velocity: np.ndarray) -> np.ndarray:
    """Take what backward returns for the force."""
    force, _ = friction(velocity)
    return velocity + STEP * (PULL + force)


def careful_step(velocity: np.ndarray) -> np.ndarray:
    """The same, with the conventions read: a block at rest moves only if gravity beats every possible friction."""
    force, used = friction(velocity)
    for record in used:
        for index in record.coordinates:
            least, most = float(record.left) * GRIP[index], float(record.right) * GRIP[index]
            force[index] = -np.clip(PULL[index], least, most)
    moved = velocity + STEP * (PULL + force)
    # friction stops a block, it never turns it round: a change of sign means that the block came to rest
    return np.where(velocity * moved < 0, 0.0, moved)


def main() -> int:
    naive = careful = np.zeros_like(ANGLES)
    for _ in range(STEPS):
        naive, careful = naive_step(naive), careful_step(careful)
    holds = np.tan(ANGLES) <= MU
    exact = np.where(holds, 0.0, (PULL - GRIP) * STEP * STEPS)
    print("angle  speed after 1 s: exact   naive   careful")
    for row in zip(np.degrees(ANGLES), exact, naive, careful, strict=True):
        print("{:5.0f} {:23.3f} {:7.3f} {:9.3f}".format(*row))
    _, used = friction(np.zeros_like(ANGLES))
    print("conventions at rest:", *used)
    wrong = np.abs(naive - exact).max()
    print(f"largest error: naive {wrong:.3f}, careful {np.abs(careful - exact).max():.1e}")
    return 0 if np.allclose(careful, exact, atol=1e-9) and wrong > 0.02 else 1


if __name__ == "__main__":
    sys.exit(main())
