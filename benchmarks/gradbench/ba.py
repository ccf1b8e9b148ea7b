"""Bundle adjustment: where cameras see points, and the sparse Jacobian of the errors.

A camera has a rotation (an axis times an angle), a centre, a focal length, a principal point and two
coefficients of radial distortion. Each observation depends on one camera, one point and one weight, so the
Jacobian's blocks come from one gradient of the sum of all x errors and one of all y errors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import diagrad as dg

from .protocol import evaluated

CAMERA, POINT = 11, 3
ROW = CAMERA + POINT + 1


def _cross(a: Any, b: Any) -> Any:
    (a0, a1, a2), (b0, b1, b2) = a, b
    return a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0


def _rotated(turn: Any, x: Any) -> Any:
    """x turned about an axis (O. Rodrigues 1840)."""
    square = sum(t * t for t in turn)
    still = square == 0
    angle = dg.sqrt(dg.where(still, 1.0, square))
    axis = [t / angle for t in turn]
    cosine, sine = dg.cos(angle), dg.sin(angle)
    along = sum(a * b for a, b in zip(axis, x, strict=True)) * (1 - cosine)
    parts = zip(x, axis, _cross(axis, x), _cross(turn, x), strict=True)
    return [dg.where(still, b + d, b * cosine + c * sine + a * along) for b, a, c, d in parts]


def _errors(given: Any, seen: Any) -> Any:
    """How far each point is from where it was seen, weighted; ``given`` is what :func:`_unknowns` gives."""
    turn, centre, (focus, u, v, k1, k2) = given[:3], given[3:6], given[6:CAMERA]
    point, weight = given[CAMERA:-1], given[-1]
    x, y, z = _rotated(turn, [a - b for a, b in zip(point, centre, strict=True)])
    x, y = x / z, y / z
    r2 = x * x + y * y
    scale = focus * (1 + k1 * r2 + k2 * (r2 * r2))
    return weight * (x * scale + u - seen[:, 0]), weight * (y * scale + v - seen[:, 1])


def _unknowns(cameras: Any, points: Any, weights: Any, camera: Any, point: Any) -> list[Any]:
    """What each observation depends on."""
    return [
        *(cameras[camera, at] for at in range(CAMERA)),
        *(points[point, at] for at in range(POINT)),
        weights,
    ]


@dg.compile(donate="out")
def _objective(out: Any, given: Any) -> Any:
    *unknown, seen = given
    return dg.stack(_errors(_unknowns(*unknown), seen), axis=1), 1 - unknown[2] * unknown[2]


@dg.compile(donate="out")
def _values(out: Any, given: Any) -> Any:
    """The Jacobian's values: for each observation two rows, and those of the weights' errors."""
    *unknown, seen = given
    at = _unknowns(*unknown)
    rows = [dg.grad(lambda g, side=side: dg.sum(_errors(g, seen)[side]))(at) for side in range(2)]
    return dg.stack([*rows[0], *rows[1]], axis=1), -2 * unknown[2]


def _prepare(given: Any) -> Any:
    """The numbers, and memory for what is made of them again and again."""
    n, m, p = given["n"], given["m"], given["p"]
    cameras = np.tile(np.array(given["cam"], float), (n, 1))
    points = np.tile(np.array(given["x"], float), (m, 1))
    seen = np.tile(np.array(given["feat"], float), (p, 1))
    arrays = cameras, points, np.full(p, float(given["w"])), np.arange(p) % n, np.arange(p) % m, seen
    return arrays, (np.empty((p, 2)), np.empty(p)), (
        np.empty(3 * p + 1, np.int32), np.empty(2 * p * ROW + p, np.int32), np.empty(2 * p * ROW + p)
    )  # fmt: skip


def _errors_result(found: Any) -> Any:
    errors, weights = found
    return {
        "reproj_error": {"elements": errors.ravel()[:2].tolist(), "repeated": len(errors)},
        "w_err": {"element": float(weights[0]), "repeated": len(weights)},
    }


@evaluated(_prepare, _errors_result)
def objective(given: Any) -> Any:
    """The errors."""
    arrays, out, _ = given
    return _objective(out, arrays)


def _ends(found: Any) -> Any:
    return {name: [*x[:30].tolist(), x[-1].item()] for name, x in found.items()}


@evaluated(_prepare, _ends)
def jacobian(given: Any) -> Any:
    """The Jacobian in compressed rows: where each begins, the columns, the values."""
    arrays, _, (starts, columns, values) = given
    cameras, points, weights, camera, point, _ = arrays
    p = len(weights)
    blocks = columns[: 2 * p * ROW].reshape(p, 2, ROW)
    np.add((CAMERA * camera)[:, None, None], np.arange(CAMERA), out=blocks[:, :, :CAMERA], casting="unsafe")
    offset = (CAMERA * len(cameras) + POINT * point)[:, None, None]
    np.add(offset, np.arange(POINT), out=blocks[:, :, CAMERA:-1], casting="unsafe")
    last = np.arange(p, dtype=np.int32) + (CAMERA * len(cameras) + POINT * len(points))
    blocks[:, :, -1], columns[2 * p * ROW :] = last[:, None], last
    starts[: 2 * p] = np.arange(0, 2 * p * ROW, ROW)
    starts[2 * p :] = np.arange(2 * p * ROW, 2 * p * ROW + p + 1)
    _values((values[: 2 * p * ROW].reshape(p, 2 * ROW), values[2 * p * ROW :]), arrays)
    return {"rows": starts, "cols": columns, "vals": values}
