"""A pendulum's length and friction, found by differentiating through an ODE solver.

θ'' = −(g / l) sin θ − c θ'. A camera sees the angle at a hundred moments, with noise; the fourth-order
Runge–Kutta method predicts it, and the fit follows the Jacobian of the prediction by length, friction and
first angle: forward mode, for there are three numbers to find and a hundred to predict.

    python examples/pendulum.py [FOLDER]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from shared.script import folder, progress

import diagrad as dg

GRAVITY, SECONDS, SHOTS, STEPS = 9.81, 10.0, 100, 4
TRUTH = np.array([1.25, 0.15, 2.0])
"""Length in m, friction in 1/s, first angle in rad: a wide swing, where sin θ is far from θ."""


def acceleration(state: Any, length: Any, friction: Any) -> Any:
    """The derivative of (θ, θ')."""
    angle, speed = state[0], state[1]
    return dg.stack([speed, -GRAVITY / length * np.sin(angle) - friction * speed])


def step(state: Any, length: Any, friction: Any, h: float) -> Any:
    """One step of the classic Runge–Kutta method (Kutta 1901)."""
    k1 = acceleration(state, length, friction)
    k2 = acceleration(state + h / 2 * k1, length, friction)
    k3 = acceleration(state + h / 2 * k2, length, friction)
    k4 = acceleration(state + h * k3, length, friction)
    return state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def swing(parameters: Any) -> Any:
    """The angle at each of the camera's shots, shape (100,)."""
    length, friction, angle = parameters
    state = dg.stack([angle, 0.0 * angle])
    seen: list[Any] = []
    for _ in range(SHOTS):
        for _ in range(STEPS):
            state = step(state, length, friction, SECONDS / SHOTS / STEPS)
        seen.append(state[0])
    return dg.stack(seen)


def fit(seen: np.ndarray, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The parameters whose prediction is nearest to what was seen, and the Jacobian there.

    Method: Levenberg–Marquardt (Marquardt 1963): Gauss–Newton with damping, more where a step fails.
    """
    jacobian = dg.jacobian(lambda p: (swing(p),) * 2, has_aux=True, mode="forward")
    damping = 1e-3
    J, predicted = jacobian(parameters)
    for _ in (bar := progress(range(40), "fitting")):
        error = np.sum((seen - predicted) ** 2)
        bar.set_postfix(error=f"{np.sqrt(error / SHOTS):.4f} rad")
        H = J.T @ J
        move = np.linalg.solve(H + damping * np.diag(np.diag(H)), J.T @ (seen - predicted))
        if np.abs(move).max() < 1e-8:
            break
        with dg.no_grad():
            better = np.sum((seen - swing(dg.asarray(parameters + move)).data) ** 2) < error
        damping *= 0.1 if better else 10.0
        if better:
            parameters = parameters + move
            J, predicted = jacobian(parameters)
    return parameters, J


def main(where: Path) -> None:
    """Make the camera's numbers, fit, compare with the truth, draw one step of the solver."""
    rng = np.random.default_rng(0)
    seen = swing(dg.asarray(TRUTH)).numpy() + rng.normal(0.0, 0.02, SHOTS)

    parameters, J = fit(seen, np.array([1.1, 0.3, 1.8]))
    spread = 0.02 * np.sqrt(np.diag(np.linalg.inv(J.T @ J)))
    for name, found, truth, s in zip(("length", "friction", "angle"), parameters, TRUTH, spread, strict=True):
        print(f"{name:9s} {found:.4f} ± {s:.4f}   in truth {truth}")
        assert abs(found - truth) < 4 * s

    state = dg.array([2.0, 0.0], name="state")
    length, friction = dg.parameter(1.25, name="length"), dg.parameter(0.15, name="friction")
    k1 = acceleration(state, length, friction)
    print(dg.draw(k1, title="The pendulum's equation of motion").save(where / "pendulum.svg"))


if __name__ == "__main__":
    main(folder())
