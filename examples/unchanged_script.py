"""Somebody else's NumPy code, differentiated as it is.

First a simulation that fills arrays in place (``shared/three_bodies.py``): the Jacobian of where the
spacecraft ends by how it sets out steers it to the planet. Then code that ships with NumPy: Chebyshev series.

    python examples/unchanged_script.py [FOLDER]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from shared import three_bodies
from shared.script import folder, progress

import diagrad as dg


def gap(start: Any) -> Any:
    """From the planet to the spacecraft in the end, (2,), by the spacecraft's first speed, (2,)."""
    speeds = np.concatenate([three_bodies.SPEEDS[:2], start[None]])
    last = three_bodies.simulate(speeds)[-1]
    return last[2] - last[1]


def steer(start: np.ndarray) -> np.ndarray:
    """The first speed with which the spacecraft meets the planet, by Newton's method."""
    slope = dg.jacobian(lambda v: (gap(v),) * 2, has_aux=True)
    for _ in (bar := progress(range(20), "steering")):
        J, apart = slope(start)
        bar.set_postfix(miss=f"{np.linalg.norm(apart):.1e}")
        if np.linalg.norm(apart) < 1e-12:
            break
        start = start - np.linalg.solve(J, apart)
    return start


def main(where: Path) -> None:
    """Check the simulation's gradient, steer, differentiate a series, draw the law of gravity."""
    report = dg.testing.check_gradients(three_bodies.miss, three_bodies.SPEEDS)
    print(f"gradient through 300 steps: relative error {report.error:.0e}")
    start = steer(three_bodies.SPEEDS[2])
    miss = np.linalg.norm(gap(dg.asarray(start)).data)
    print(f"first speed ({start[0]:.6f}, {start[1]:.6f}) misses the planet by {miss:.0e}")
    assert miss < 1e-10

    series = [0.5, -1.0, 0.25, 2.0]
    slope = float(dg.grad(lambda x: chebyshev.chebval(x, series))(0.3))
    known = float(chebyshev.chebval(0.3, chebyshev.chebder(series)))
    print(f"slope of a Chebyshev series: {slope:.12f}, by its own formula {known:.12f}")
    assert abs(slope - known) < 1e-12

    y = chebyshev.chebval(dg.array(0.3, name="x"), series)
    print(dg.draw(y, title="NumPy's chebval, as it ran").save(where / "chebyshev.svg"))


if __name__ == "__main__":
    main(folder())
