"""Random numbers: the published answers, JAX's bits, the moments of distributions, gradients."""

from __future__ import annotations

import numpy as np
import pytest

import diagrad as dg
from diagrad.errors import DTypeError, InputError, ShapeError
from diagrad.ops.threefry import threefry2x32

KEYS = [dg.random.key(0), dg.random.key(42), dg.random.key(0x123456789ABCDEF)]
KNOWN = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]
"""Key, counter, answer: threefry2x32 with 20 rounds, of Random123's file kat_vectors."""


def needs_erfinv():
    if not hasattr(dg, "erfinv"):
        pytest.skip("there is no erfinv")


@pytest.mark.parametrize(("key", "counter", "answer"), KNOWN)
def test_known_answers_of_random123(key, counter, answer):
    high, low = (np.array([word], np.uint32) for word in counter)
    assert tuple(int(x[0]) for x in threefry2x32(np.array(key, np.uint32), high, low)) == answer


@pytest.fixture
def jax():
    jax = pytest.importorskip("jax")
    if not jax.config.jax_threefry_partitionable:
        pytest.skip("this JAX lays counters out otherwise")
    with jax.enable_x64(True):
        yield jax


@pytest.mark.parametrize("key", KEYS)
def test_bits_are_those_of_jax(key, jax):
    its = jax.random.wrap_key_data(key.data, impl="threefry2x32")

    def same(got, want):
        assert (got.shape, got.dtype) == (want.shape, want.dtype)
        np.testing.assert_array_equal(got.data, want)

    for dtype in ("uint8", "uint16", "uint32", "uint64"):
        same(dg.random.bits(key, (3, 5), dtype), jax.random.bits(its, (3, 5), dtype))
    for dtype in ("float16", "float32", "float64"):
        same(dg.random.uniform(key, (3, 5), dtype), jax.random.uniform(its, (3, 5), dtype))
    same(dg.random.split(key, 5), jax.random.key_data(jax.random.split(its, 5)))
    for data in (0, 1, 2**32 - 1):
        same(dg.random.fold_in(key, data), jax.random.key_data(jax.random.fold_in(its, data)))
    for low, high, dtype in (
        (0, 10, "int64"),
        (-5, 1000, "int32"),
        (-(2**31), 2**31 - 1, "int32"),
        (0, 9, "int8"),
    ):
        same(
            dg.random.randint(key, (50,), low, high, dtype), jax.random.randint(its, (50,), low, high, dtype)
        )
    same(dg.random.permutation(key, 3000), jax.random.permutation(its, 3000))
    same(dg.random.bernoulli(key, 0.3, (40,)), jax.random.bernoulli(its, 0.3, (40,)))
    same(dg.random.choice(key, 9, (40,)), jax.random.choice(its, 9, (40,)))
    same(dg.random.choice(key, 9, (4,), False), jax.random.choice(its, 9, (4,), False))
    p = np.array([0.1, 0.0, 0.6, 0.3])
    same(dg.random.choice(key, 4, (40,), True, p), jax.random.choice(its, 4, (40,), True, p))
    same(dg.random.choice(key, 4, (3,), False, p), jax.random.choice(its, 4, (3,), False, p))
    logits = np.linspace(-1, 1, 12).reshape(3, 4)
    same(dg.random.categorical(key, logits), jax.random.categorical(its, logits))
    same(dg.random.categorical(key, logits, 0, (5, 4)), jax.random.categorical(its, logits, 0, (5, 4)))


def test_seeds_are_those_of_jax(jax):
    for seed in (0, 1, 2**32, 2**63 - 1, -1):
        np.testing.assert_array_equal(dg.random.key(seed).data, jax.random.key_data(jax.random.key(seed)))


@pytest.mark.parametrize("name", ["exponential", "gumbel", "laplace", "logistic", "normal"])
def test_distributions_are_those_of_jax(name, jax):
    if name == "normal":
        needs_erfinv()
    its = jax.random.wrap_key_data(KEYS[2].data, impl="threefry2x32")
    got, want = getattr(dg.random, name)(KEYS[2], (200,)), getattr(jax.random, name)(its, (200,), "float64")
    np.testing.assert_allclose(got.data, want, rtol=1e-11, atol=1e-13)


def test_truncated_normal_is_that_of_jax(jax):
    needs_erfinv()
    its = jax.random.wrap_key_data(KEYS[1].data, impl="threefry2x32")
    got, want = (
        m.truncated_normal(k, -0.5, 2.0, (200,)) for m, k in ((dg.random, KEYS[1]), (jax.random, its))
    )
    np.testing.assert_allclose(got.data, want, rtol=1e-11, atol=1e-13)


MOMENTS = {
    "uniform": (0.5, 1 / 12),
    "exponential": (1.0, 1.0),
    "gumbel": (0.5772156649, np.pi**2 / 6),
    "laplace": (0.0, 2.0),
    "logistic": (0.0, np.pi**2 / 3),
    "normal": (0.0, 1.0),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_mean_and_variance(name):
    if name == "normal":
        needs_erfinv()
    y = getattr(dg.random, name)(dg.random.key(7), 100_000).data
    mean, variance = MOMENTS[name]
    assert abs(y.mean() - mean) < 5 * np.sqrt(variance / y.size)
    assert abs(y.var() / variance - 1) < 0.05


def test_parameters_have_gradients():
    key = dg.random.key(3)
    low, high = dg.array(-1.0), dg.array([2.0, 3.0])
    y = dg.random.uniform(key, (4, 2), minval=low, maxval=high)
    y.sum().backward()
    u = dg.random.uniform(key, (4, 2)).data
    np.testing.assert_allclose(y.data, -1 + u * (np.array([3.0, 4.0])))
    np.testing.assert_allclose(low.grad.data, (1 - u).sum())
    np.testing.assert_allclose(high.grad.data, u.sum(0))
    loc, scale = dg.array(0.5), dg.array(2.0)
    z = dg.random.gumbel(key, 5, loc=loc, scale=scale)
    z.sum().backward()
    np.testing.assert_allclose([loc.grad.data, scale.grad.data], [5.0, ((z.data - 0.5) / 2).sum()])


def test_a_graph_run_with_another_key_gives_other_numbers():
    graph = dg.trace(lambda key: dg.random.uniform(dg.random.split(key)[1], 3))(dg.random.key(0))
    runs = [dg.interp.run(graph, key.data).outputs[0] for key in KEYS[:2]]
    for key, run in zip(KEYS, runs, strict=False):
        np.testing.assert_array_equal(run, dg.random.uniform(dg.random.split(key)[1], 3).data)
    assert not np.array_equal(*runs)


def test_vmap_over_keys():
    keys = dg.random.split(dg.random.key(0), 4)
    for draw in (lambda key: dg.random.uniform(key, 3), lambda key: dg.random.randint(key, 3, 0, 9)):
        np.testing.assert_array_equal(dg.vmap(draw)(keys).data, [draw(key).data for key in keys])


def test_long_draws_are_made_in_blocks_that_fit_together():
    whole = dg.random.bits(dg.random.key(5), 40_000).data
    np.testing.assert_array_equal(whole[:100], dg.random.bits(dg.random.key(5), 100).data)
    assert len(np.unique(whole)) > 39_900


def test_choice_and_permutation_of_arrays_have_gradients(rng):
    key = dg.random.key(1)
    x = dg.array(rng.normal(size=(3, 4)))
    y = dg.random.permutation(key, x, axis=1)
    np.testing.assert_array_equal(np.sort(y.data), np.sort(x.data))
    (y * np.arange(4)).sum().backward()
    np.testing.assert_array_equal(np.sort(x.grad.data), [[0, 1, 2, 3]] * 3)
    assert dg.random.choice(key, x, (2, 5), axis=1).shape == (3, 2, 5)


def test_dropout(rng):
    x = dg.array(rng.normal(size=(100, 100)))
    key = dg.random.key(0)
    y = dg.dropout(x, 0.25, key)
    kept = y.data != 0
    assert abs(kept.mean() - 0.75) < 0.02
    np.testing.assert_allclose(y.data[kept], x.data[kept] / 0.75)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.data, kept / 0.75)
    assert dg.dropout(x, 0, key) is x
    assert not dg.dropout(x, 1.0, key).data.any()
    assert dg.dropout(dg.array(np.ones(3, "f4")), 0.5, key).dtype == np.float32
    assert {node.scope.name for node in dg.graph(y).nodes if node.op.name == "Where"} == {"dropout"}


def test_errors():
    with pytest.raises(DTypeError, match="this is no key"):
        dg.random.uniform(np.array([0, 1]))
    with pytest.raises(ShapeError, match="this is no key"):
        dg.random.uniform(np.zeros(3, np.uint32))
    with pytest.raises(InputError, match="has no integers from 3 to 2"):
        dg.random.randint(KEYS[0], 2, 3, 3)
    with pytest.raises(InputError, match="cannot draw 4 of 3"):
        dg.random.choice(KEYS[0], 3, 4, replace=False)
    with pytest.raises(InputError, match="the rate is no probability"):
        dg.dropout(np.ones(2), 1.5, KEYS[0])
