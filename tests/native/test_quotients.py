"""Many numbers divided by one: as a division rounds them, whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest

import diagrad as dg
from diagrad.native.cut import keep_or_repeat


def bits(x: np.ndarray) -> np.ndarray:
    """The numbers as integers, every NaN the same."""
    return np.where(np.isnan(x), np.nan, x).astype(x.dtype).view(f"i{x.itemsize}")


def special(dtype: str) -> np.ndarray:
    info = np.finfo(dtype)
    tiny, least, largest = info.smallest_normal, info.smallest_subnormal, info.max
    sizes = [0, least, 3 * least, tiny / 2, tiny, 2 * tiny, 0.1, 1, 3, 49, 1e10, largest / 3, largest, np.inf]
    return np.array([*sizes, *(-np.array(sizes)), np.nan], dtype)


@pytest.mark.filterwarnings(
    "ignore:divide by zero", "ignore:invalid value", "ignore:overflow", "ignore:under"
)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_every_pair_of_special_numbers(dtype: str):
    s = special(dtype)
    x = np.tile(s, (len(s), 1))
    got = dg.compile(lambda x, s: x / s[:, None])(x, s)
    want = x / s[:, None]
    ordinary = (np.abs(want) >= np.finfo(dtype).smallest_normal) | (want == 0) | ~np.isfinite(want)
    np.testing.assert_array_equal(bits(got)[ordinary], bits(want)[ordinary])
    least = np.finfo(dtype).smallest_subnormal
    assert np.all(np.abs(got - want)[~ordinary] <= least)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_as_a_division_rounds(rng: np.random.Generator, dtype: str):
    x = (rng.standard_normal((200, 333)) * 10.0 ** rng.integers(-8, 8, (200, 333))).astype(dtype)
    s = (rng.standard_normal(200) * 10.0 ** rng.integers(-8, 8, 200)).astype(dtype)
    got = dg.compile(lambda x, s: (x / s[:, None], x / 49.0))(x, s)
    np.testing.assert_array_equal(got[0], x / s[:, None])
    np.testing.assert_array_equal(got[1], x / x.dtype.type(49))
    np.testing.assert_array_equal(dg.compile(lambda x: x / x.max(axis=1, keepdims=True))(x).max(axis=1), 1)


def test_the_gradient_of_a_quotient(rng: np.random.Generator):
    x, s = rng.standard_normal((20, 50)), rng.uniform(1, 2, 20)
    t = rng.standard_normal((20, 50))
    got = dg.compile(dg.grad(lambda x, s: dg.sum(x / s[:, None] * t), argnums=(0, 1)))(x, s)
    np.testing.assert_allclose(got[0], t / s[:, None], rtol=1e-14)
    np.testing.assert_allclose(got[1], -np.sum(t * x, axis=1) / s**2, rtol=1e-12)


def test_a_row_is_overwritten_by_its_last_sweep(rng: np.random.Generator):
    """The update of what a softmax and a norm have read, where it lies."""
    x = rng.standard_normal((40, 300))
    e = np.exp(x - x.max(axis=1, keepdims=True))
    want = x - 0.1 * e / e.sum(axis=1, keepdims=True)

    @dg.compile(donate="x")
    def step(x: np.ndarray) -> np.ndarray:
        e = dg.exp(x - dg.max(x, axis=1, keepdims=True))
        return x - 0.1 * e / dg.sum(e, axis=1, keepdims=True)

    given = x.copy()
    assert step(given) is given
    np.testing.assert_allclose(given, want, rtol=1e-12)


def test_the_cheapest_of_keeping_and_repeating():
    """Against every choice there is."""
    rng = np.random.default_rng(0)
    for _ in range(100):
        n = int(rng.integers(2, 8))
        sources = {at: [b for b in range(at) if rng.random() < 0.4] for at in range(n)}
        keep, again = rng.integers(1, 9, n), rng.integers(1, 9, n)
        needed = [at for at in range(n) if rng.random() < 0.5] or [n - 1]
        kept, repeated = keep_or_repeat(needed, sources.get, keep.__getitem__, again.__getitem__)
        got = keep[list(kept)].sum() + again[list(repeated)].sum()
        least = min(_cost(choice, needed, sources, keep, again) for choice in range(2**n))
        assert got == least == _cost(sum(1 << at for at in kept), needed, sources, keep, again)


def _cost(choice: int, needed: list[int], sources: dict[int, list[int]], keep, again) -> int:
    """What it costs to keep the values of a set of bits, and to repeat all else that is needed."""
    todo, seen, cost = list(needed), set(needed), 0
    while todo:
        at = todo.pop()
        if choice >> at & 1:
            cost += keep[at]
            continue
        cost += again[at]
        more = [s for s in sources[at] if s not in seen]
        seen.update(more)
        todo += more
    return int(cost)
