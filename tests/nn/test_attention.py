"""Attention, positions and transformer blocks beside PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import diagrad as dg
from beside_torch import agree
from diagrad import nn
from diagrad.errors import DTypeError, InputError, ShapeError

torch = pytest.importorskip("torch")
F = torch.nn.functional
RNG = np.random.default_rng(2)


def normal(*shape: int) -> np.ndarray[Any, Any]:
    return RNG.normal(size=shape)


BOOLEANS = np.array([[True, False, True, True], [False, True, False, False], [True, True, True, True]])
HOLES = np.where(BOOLEANS, RNG.normal(size=(3, 4)), -np.inf)
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "scale": {"scale": 0.3},
    "causal": {"causal": True},
    "boolean": {"mask": BOOLEANS},
    "boolean of each": {"mask": RNG.random((2, 1, 3, 4)) < 0.8},
    "holes": {"mask": HOLES},
}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("lead", [(), (2, 5)])
def test_scaled_dot_product(lead: tuple[int, ...], name: str) -> None:
    options = OPTIONS[name]
    if np.ndim(options.get("mask")) > 2 and not lead:
        return
    theirs = {"is_causal" if key == "causal" else key: x for key, x in options.items() if key != "mask"}

    def reference(q: Any, k: Any, v: Any) -> Any:
        mask = options.get("mask")
        mask = None if mask is None else torch.from_numpy(mask)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, **theirs)

    agree(
        lambda q, k, v: nn.scaled_dot_product_attention(q, k, v, **options),
        reference,
        q=normal(*lead, 3, 6), k=normal(*lead, 4, 6), v=normal(*lead, 4, 5),
    )  # fmt: skip


def test_an_additive_mask_is_learned() -> None:
    agree(
        nn.scaled_dot_product_attention,
        lambda q, k, v, mask: F.scaled_dot_product_attention(q, k, v, attn_mask=mask),
        q=normal(3, 2), k=normal(4, 2), v=normal(4, 2), mask=normal(3, 4),
    )  # fmt: skip


@pytest.mark.parametrize("additive", [False, True])
def test_a_query_without_keys_gives_zero_and_no_nan(additive: bool) -> None:
    allowed = np.array([[True, True], [False, False]])
    mask = np.where(allowed, 0.0, -np.inf) if additive else allowed
    q, k, v = (dg.array(normal(2, 3)) for _ in range(3))
    with np.errstate(all="raise"):
        y = nn.scaled_dot_product_attention(q, k, v, mask)
        (y * normal(2, 3)).sum().backward()
    assert (y.data[1] == 0).all()
    assert (q.grad.data[1] == 0).all()
    assert all(np.isfinite(x.grad.data).all() for x in (q, k, v))


def test_a_masked_key_may_hold_anything() -> None:
    mask = np.array([[True, False]])
    scores = dg.array([[1.0, np.inf]])
    y = nn.masked_softmax(scores, mask)
    y.backward([[1.0, 1.0]])
    assert y.tolist() == [[1.0, 0.0]]
    assert scores.grad.tolist() == [[0.0, 0.0]]


def test_causal_and_a_mask_together() -> None:
    q, k, v = normal(3, 2), normal(3, 2), normal(3, 2)
    mask = np.array([[True, True, True], [False, True, True], [True, False, True]])
    both = nn.scaled_dot_product_attention(q, k, v, mask, causal=True)
    np.testing.assert_allclose(
        both.data, nn.scaled_dot_product_attention(q, k, v, mask & np.tri(3, dtype=bool)).data, atol=1e-15
    )


def test_dropout_is_applied_to_the_weights() -> None:
    q, k, v, keep = normal(3, 2), normal(4, 2), normal(4, 2), RNG.random((3, 4)) < 0.5
    y = nn.scaled_dot_product_attention(q, k, v, dropout=lambda w: dg.where(keep, w * 2.0, 0.0))
    weights = dg.softmax(q @ k.T / np.sqrt(2)).data
    np.testing.assert_allclose(y.data, np.where(keep, 2 * weights, 0) @ v, atol=1e-15)


# ---------------------------------------------------------------- many heads

D, HEADS = 6, 2


def weights_of(params: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """The leaves of an attention by flat names."""
    return {f"{prefix}{part}_{key}": x for part, layer in params.items() for key, x in layer.items()}


def layers_of(flat: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """And back."""
    names = ("query", "key", "value", "out")
    return {part: {key: flat[f"{prefix}{part}_{key}"] for key in "Wb"} for part in names}


def their_attention(q: Any, k: Any, flat: dict[str, Any], prefix: str = "", **options: Any) -> Any:
    p = layers_of(flat, prefix)
    bias = torch.cat([p[name]["b"] for name in ("query", "key", "value")])
    y, _ = F.multi_head_attention_forward(
        q.transpose(0, 1), k.transpose(0, 1), k.transpose(0, 1), D, HEADS,
        None, bias, None, None, False, 0.0, p["out"]["W"].T, p["out"]["b"],
        use_separate_proj_weight=True,
        q_proj_weight=p["query"]["W"].T, k_proj_weight=p["key"]["W"].T, v_proj_weight=p["value"]["W"].T,
        need_weights=False, **options,
    )  # fmt: skip
    return y.transpose(0, 1)


def biased(params: dict[str, Any]) -> dict[str, Any]:
    return {part: {"W": x["W"], "b": normal(D)} for part, x in params.items()}


PADDING = np.array([[True] * 5, [True, True, True, False, False]])


@pytest.mark.parametrize("case", ["self", "causal", "padding", "padding and mask", "cross"])
def test_multi_head_attention(case: str) -> None:
    context = 4 if case == "cross" else None
    flat = weights_of(biased(nn.init.multi_head_attention(RNG, D, context=context)))
    added = normal(5, 5)
    options: dict[str, Any] = {
        "causal": {"causal": True},
        "padding": {"key_mask": PADDING},
        "padding and mask": {"key_mask": PADDING, "mask": added},
    }.get(case, {})
    causal = torch.ones(5, 5, dtype=torch.bool).triu(1)
    hidden = torch.from_numpy(~PADDING)
    theirs: dict[str, Any] = {
        "causal": {"attn_mask": causal},
        "padding": {"key_padding_mask": hidden},
        "padding and mask": {
            "key_padding_mask": torch.zeros(2, 5, dtype=torch.float64).masked_fill(hidden, -torch.inf),
            "attn_mask": torch.from_numpy(added),
        },
    }.get(case, {})
    more = {"context": normal(2, 3, 4)} if context else {}
    agree(
        lambda x, context=None, **w: nn.multi_head_attention(
            layers_of(w), x, context, heads=HEADS, **options
        ),
        lambda x, context=None, **w: their_attention(x, x if context is None else context, w, **theirs),
        x=normal(2, 5, D), **more, **flat,
    )  # fmt: skip


def test_attention_of_one_sequence_is_that_of_a_batch_of_one() -> None:
    params, x = nn.init.multi_head_attention(0, D), normal(5, D)
    one = nn.multi_head_attention(params, x, heads=3).data
    np.testing.assert_allclose(one, nn.multi_head_attention(params, x[None], heads=3).data[0], atol=1e-15)


# ---------------------------------------------------------------- blocks


def norm_of(flat: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: flat[f"{name}_{key}"] for key in ("gamma", "beta")}


def block_of(flat: dict[str, Any], cross: bool) -> dict[str, Any]:
    more = {"cross": layers_of(flat, "cross_"), "cross_norm": norm_of(flat, "cross_norm")} if cross else {}
    return {
        "attention": layers_of(flat, "attention_"),
        "attention_norm": norm_of(flat, "attention_norm"),
        "mlp": [{"W": flat[f"W{at}"], "b": flat[f"b{at}"]} for at in (1, 2)],
        "mlp_norm": norm_of(flat, "mlp_norm"),
        **more,
    }


def their_block(flat: dict[str, Any], x: Any, context: Any, pre_norm: bool) -> Any:
    """torch.nn's layer with these weights."""
    kind = torch.nn.TransformerDecoderLayer if context is not None else torch.nn.TransformerEncoderLayer
    layer = kind(D, HEADS, 7, dropout=0.0, batch_first=True, norm_first=pre_norm, dtype=torch.float64)
    norms = (
        ["attention_norm", "cross_norm", "mlp_norm"]
        if context is not None
        else ["attention_norm", "mlp_norm"]
    )
    parts = {"self_attn": "attention_", "multihead_attn": "cross_"}
    given: dict[str, Any] = {
        "linear1.weight": flat["W1"].T, "linear1.bias": flat["b1"],
        "linear2.weight": flat["W2"].T, "linear2.bias": flat["b2"],
    }  # fmt: skip
    for at, name in enumerate(norms, 1):
        given |= {f"norm{at}.weight": flat[f"{name}_gamma"], f"norm{at}.bias": flat[f"{name}_beta"]}
    for theirs, ours in parts.items():
        if hasattr(layer, theirs):
            p = layers_of(flat, ours)
            three = [p[name] for name in ("query", "key", "value")]
            given |= {
                f"{theirs}.in_proj_weight": torch.cat([x["W"].T for x in three]),
                f"{theirs}.in_proj_bias": torch.cat([x["b"] for x in three]),
                f"{theirs}.out_proj.weight": p["out"]["W"].T,
                f"{theirs}.out_proj.bias": p["out"]["b"],
            }
    causal = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
    if context is None:
        return torch.func.functional_call(layer, given, (x,), {"src_mask": causal})
    return torch.func.functional_call(layer, given, (x, context), {"tgt_mask": causal})


@pytest.mark.parametrize("pre_norm", [True, False])
@pytest.mark.parametrize("cross", [False, True])
def test_transformer_block(cross: bool, pre_norm: bool) -> None:
    params = nn.init.transformer_block(RNG, D, hidden=7, cross=cross)
    flat = weights_of(biased(params["attention"]), "attention_")
    if cross:
        flat |= weights_of(biased(params["cross"]), "cross_")
    for name in [key for key in params if key.endswith("_norm")]:
        flat |= {f"{name}_gamma": normal(D), f"{name}_beta": normal(D)}
    for at, layer in enumerate(params["mlp"], 1):
        flat |= {f"W{at}": layer["W"], f"b{at}": normal(*layer["b"].shape)}
    more = {"context": normal(2, 4, D)} if cross else {}
    agree(
        lambda x, context=None, **w: nn.transformer_block(
            block_of(w, cross), x, context, heads=HEADS, causal=True, pre_norm=pre_norm
        ),
        lambda x, context=None, **w: their_block(w, x, context, pre_norm),
        x=normal(2, 5, D), **more, **flat,
    )  # fmt: skip


def test_dropout_has_its_places_in_a_block() -> None:
    seen: list[tuple[int, ...]] = []

    def dropout(x: dg.Array) -> dg.Array:
        seen.append(x.shape)
        return x

    nn.transformer_block(nn.init.transformer_block(0, D, hidden=7), normal(5, D), heads=2, dropout=dropout)
    assert seen == [(2, 5, 5), (5, D), (5, 7), (5, D)]


# ---------------------------------------------------------------- positions


def test_sinusoidal() -> None:
    P = nn.sinusoidal(50, 8, dtype=np.float32)
    assert P.dtype == np.float32
    angle = 7 / 10000 ** (4 / 8)
    np.testing.assert_allclose(P.data[7, 4:6], [np.sin(angle), np.cos(angle)], rtol=1e-6)


@pytest.mark.parametrize("interleaved", [False, True])
def test_rotary_is_a_complex_rotation(interleaved: bool) -> None:
    def reference(x: Any) -> Any:
        a, b = (x[..., ::2], x[..., 1::2]) if interleaved else x.chunk(2, -1)
        angle = torch.arange(5)[:, None] / 100.0 ** (torch.arange(3, dtype=torch.float64) / 3)
        turned = torch.complex(a, b) * torch.exp(1j * angle)
        parts = (turned.real, turned.imag)
        return torch.stack(parts, -1).flatten(-2) if interleaved else torch.cat(parts, -1)

    agree(lambda x: nn.rotary(x, base=100.0, interleaved=interleaved), reference, x=normal(2, 5, 6))


def test_rotary_depends_on_the_distance_alone() -> None:
    q, k = normal(1, 4), normal(1, 4)

    def product(t: int, s: int) -> float:
        return float((nn.rotary(q, [t]) @ nn.rotary(k, [s]).T).item())

    assert abs(product(3, 1) - product(12, 10)) < 1e-13


ATTENTION = nn.init.multi_head_attention(0, D)
WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "sizes": (
        lambda: nn.scaled_dot_product_attention(np.ones((3, 2)), np.ones((4, 3)), np.ones((4, 2))),
        ShapeError,
        "q, k and v disagree",
    ),
    "numbers": (
        lambda: nn.scaled_dot_product_attention(*[np.ones((2, 2))] * 3, mask=np.ones((2, 2), int)),
        DTypeError,
        "can mean either way",
    ),
    "mask": (
        lambda: nn.scaled_dot_product_attention(*[np.ones((2, 2))] * 3, mask=np.ones((3, 2), bool)),
        ShapeError,
        "axis -2 is 3",
    ),
    "heads": (
        lambda: nn.multi_head_attention(ATTENTION, np.ones((3, D)), heads=4),
        ShapeError,
        "4 heads do not divide",
    ),
    "axes": (
        lambda: nn.multi_head_attention(ATTENTION, np.ones(D), heads=2),
        ShapeError,
        "a sequence has two axes",
    ),
    "keys": (
        lambda: nn.multi_head_attention(ATTENTION, np.ones((3, D)), heads=2, key_mask=[True]),
        ShapeError,
        "key_mask does not fit",
    ),
    "cross": (
        lambda: nn.transformer_block(
            nn.init.transformer_block(0, D), np.ones((3, D)), np.ones((3, D)), heads=2
        ),
        InputError,
        "no 'cross_norm'",
    ),
    "odd": (
        lambda: nn.sinusoidal(3, 3),
        ShapeError,
        "3 features are no pairs",
    ),
    "odd turn": (
        lambda: nn.rotary(np.ones((2, 3))),
        ShapeError,
        "the features are no pairs",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_messages(case: str) -> None:
    attempt, kind, text = WRONG[case]
    with pytest.raises(kind, match=r"(?s)where:.*expected:.*got:.*fix:") as caught:
        attempt()
    assert text in str(caught.value)
    assert "test_attention.py" in str(caught.value)
