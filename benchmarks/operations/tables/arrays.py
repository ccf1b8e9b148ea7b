"""Operations on arrays as a whole: reductions, order, places, shape."""

from __future__ import annotations

from ..row import Row, row


def _along(names: str, torch: dict[str, str], **own: dict[str, str]) -> list[Row]:
    """Functions of x along its last axis. PyTorch takes the axis after x, or has what ``torch`` says."""
    made = []
    for name in names.split():
        other = {library: codes[name] for library, codes in own.items() if name in codes}
        made.append(row(f"{name}(x, axis=1)", PyTorch=torch.get(name, f"{name}(x, 1)"), **other))
    return made


def _scattered(name: str, jax: str, torch: str) -> Row:
    """``name`` of u into x at (rows, cols), written at places that differ unless sums are meant."""
    return row(f"{name}(x, (rows, cols), u)", JAX=f"x.at[rows, cols].{jax}(u)", PyTorch=torch)


TABLES: dict[str, list[Row]] = {
    "Reductions": [
        *_along(
            "sum mean prod max min var std median logsumexp",
            {
                "max": "amax(x, 1)",
                "min": "amin(x, 1)",
                "median": "median(x, 1)[0]",
                "var": "var(x, 1, correction=0)",
                "std": "std(x, 1, correction=0)",
            },
            autograd={"logsumexp": "logsumexp(x, 1)"},
        ),
        row("quantile(x, 0.3, axis=1)", PyTorch="quantile(x, 0.3, 1)"),
        row("average(x, axis=1, weights=y)"),
    ],
    "Cumulative": [
        *_along("cumsum cumprod", {}),
        *_along(
            "cummax cummin",
            {"cummax": "cummax(x, 1)[0]", "cummin": "cummin(x, 1)[0]"},
        ),
        *_along("cumlogsumexp", {"cumlogsumexp": "logcumsumexp(x, 1)"}),
        row("diff(x)"),
        row("linear_recurrence(x, y)"),
    ],
    "Sorting, choosing": [
        row("sort(v)", "sort (one axis)", PyTorch="sort(v)[0]"),
        row("sort(x, axis=1)", PyTorch="sort(x, 1)[0]"),
        row("topk(x, 2)[0]", JAX="top_k(x, 2)[0]"),
        row("where(x > 0.4, x, y)"),
        row("clip(x, 0.25, 0.65)"),
        row("take(x, rows, axis=1)", PyTorch="index_select(x, 1, rows)"),
        row("take_along_axis(x, choice, axis=1)", PyTorch="take_along_dim(x, choice, 1)"),
        row(
            "embedding(table, tokens)", PyTorch="embedding(tokens, table)", JAX="take(table, tokens, axis=0)"
        ),
        row("x[1, ::2]", "x[1, ::2]"),
        row("x[:, None, ..., 0]", "x[:, None, ..., 0]"),
        row("x[rows, cols]", "x[rows, cols]"),
        row("x[mask]", "x[mask]"),
    ],
    "Scatter, assignment": [
        _scattered("scatter_add", "add", "x.index_put((rows, cols), u, accumulate=True)"),
        row(
            "scatter_set(x, (slice(None), choice[0]), s[:, None])",
            JAX="x.at[:, choice[0]].set(s[:, None])",
            PyTorch="x.scatter(1, tile(choice[:1], (2, 1)), tile(s[:, None], (1, 2)))",
        ),
        *(
            _scattered(
                f"scatter_{name}",
                name,
                f"x.reshape(-1).scatter_reduce(0, flat, u, 'a{name}').reshape(2, 3)",
            )
            for name in ("max", "min")
        ),
        row(
            "x.at[rows, cols].multiply(u)",
            "x.at[i].multiply(v)",
            PyTorch="x.reshape(-1).scatter_reduce(0, flat, u, 'prod').reshape(2, 3)",
        ),
        row("r = x * 1; r[0] = v; r", "x[i] = v", JAX="x.at[0].set(v)"),
        row(
            "r = x * 1; r[mask] += u[0] * y[mask]; r",
            "x[mask] += w",
            JAX="x.at[mask].add(u[0] * y[mask])",
        ),
        row(
            "r = x * 1; r[:, 1:] = 2 * r[:, :-1]; r",
            "x[:, 1:] = x[:, :-1]",
            JAX="x.at[:, 1:].set(2 * x[:, :-1])",
        ),
        row("r = x * 1; r *= y; r", "x *= y"),
        row(
            "r = x * 1; put_along_axis(r, choice[:, :1], s[:, None], axis=1); r",
            "put_along_axis",
            JAX="put_along_axis(x, choice[:, :1], s[:, None], axis=1, inplace=False)",
            PyTorch="x.scatter(1, choice[:, :1], s[:, None])",
        ),
        row(
            "r = A * 1; fill_diagonal(r, s[0]); r",
            "fill_diagonal",
            JAX="fill_diagonal(A, s[0], inplace=False)",
            PyTorch="A.diagonal_scatter(s[0].expand(3))",
        ),
    ],
    "Shape": [
        row("reshape(x, (3, 2))"),
        row("x.T", "transpose"),
        row(
            "permute_dims(Q, (2, 0, 3, 1))",
            PyTorch="permute(Q, (2, 0, 3, 1))",
            autograd="transpose(Q, (2, 0, 3, 1))",
            MyGrad="transpose(Q, (2, 0, 3, 1))",
        ),
        row("moveaxis(Q, 1, 3)"),
        row("swapaxes(x, 0, 1)"),
        row("expand_dims(x, 1)", PyTorch="unsqueeze(x, 1)"),
        row("squeeze(Q, 0)"),
        row("broadcast_to(x[None], (4, 2, 3))"),
        row("concatenate([x, y])"),
        row("stack([x, y])"),
        row("hstack([x, y])"),
        row("vstack([x, y])"),
        row("dstack([x, y])"),
        row("column_stack([x, y])"),
        row("split(x, 3, axis=1)", PyTorch="split(x, 1, 1)"),
        row("array_split(T, 3)", PyTorch="tensor_split(T, 3)"),
        row(
            "pad(x, ((1, 0), (0, 2)))",
            PyTorch="pad(x, (0, 2, 1, 0))",
            autograd="pad(x, ((1, 0), (0, 2)), 'constant')",
        ),
        row(
            "pad(x, ((0, 0), (1, 2)), mode='reflect')",
            "pad (reflect)",
            PyTorch="pad(x, (1, 2), mode='reflect')",
        ),
        row("roll(x, 1, axis=1)", PyTorch="roll(x, 1, 1)"),
        row("flip(x, 1)", PyTorch="flip(x, (1,))", autograd="fliplr(x)"),
        row("rot90(x)"),
        row("tile(x, (2, 1))"),
        row("repeat(x, 2, axis=1)", PyTorch="repeat_interleave(x, 2, 1)"),
        row("tril(x)"),
        row("triu(x)"),
        row("diag(v)"),
        row("diagonal(A)", autograd="diagonal(A, 0, -1, -2)"),
        row("trace(A)"),
        row("meshgrid(u, v)", PyTorch="meshgrid(u, v, indexing='xy')"),
        row(
            "sliding_window_view(v, 2)", PyTorch="v.unfold(0, 2, 1)", MyGrad="sliding_window_view(v, (2,), 1)"
        ),
    ],
}
