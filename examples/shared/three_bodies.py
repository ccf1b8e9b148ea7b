"""Sun, planet and spacecraft under gravity: a NumPy script that knows nothing of derivatives.

python examples/shared/three_bodies.py
"""

import numpy as np

MASSES = np.array([1.0, 3e-3, 0.0])
SPEEDS = np.array([[0.0, -3e-3], [0.0, 1.0], [0.9, 0.35]])


def accelerations(x, masses):
    """Newton's law, for every pair of bodies; shapes (3, 2)."""
    a = np.zeros_like(x)
    for i in range(len(masses)):
        for j in range(len(masses)):
            if i != j and masses[j] > 0:
                apart = x[j] - x[i]
                a[i] += masses[j] * apart / np.sqrt(np.sum(apart**2)) ** 3
    return a


def simulate(speeds, masses=MASSES, time=1.5, steps=300):
    """The positions at all times, shape (steps + 1, 3, 2), by the leapfrog method."""
    h = time / steps
    x = np.zeros_like(speeds)
    x[1, 0] = 1.0
    x[2, 1] = -0.8
    v = speeds + 0.0
    seen = [x + 0.0]
    a = accelerations(x, masses)
    for _ in range(steps):
        v += 0.5 * h * a
        x += h * v
        a = accelerations(x, masses)
        v += 0.5 * h * a
        seen.append(x + 0.0)
    return np.stack(seen)


def miss(speeds):
    """How far the spacecraft is from the planet in the end, squared."""
    last = simulate(speeds)[-1]
    return np.sum((last[2] - last[1]) ** 2)


if __name__ == "__main__":
    print("the spacecraft misses the planet by", np.sqrt(miss(SPEEDS)))
