"""Layers and losses. PyTorch's count channels before positions, and so do ours."""

from __future__ import annotations

from ..row import Row, row

NCHW = "dimension_numbers=('NCHW', 'OIHW', 'NCHW')"
WINDOW = "(1, 1, 2, 2), (1, 1, 2, 2), 'VALID'"
LSTM = "W.T, U.T, b, 0 * b"
HEADS = (
    "multi_head_attention({'query': {'W': heads_in[:4]}, 'key': {'W': heads_in[4:8]}, "
    "'value': {'W': heads_in[8:]}, 'out': {'W': heads_out}}, Q[0], heads=2)"
)
MATH = "with sdpa.sdpa_kernel(sdpa.SDPBackend.MATH): "
"""PyTorch's way to compute attention that can be differentiated twice."""
TORCH_HEADS = (
    "W = concatenate([heads_in[:4].T, heads_in[4:8].T, heads_in[8:].T]); X = Q[0].transpose(0, 1)\n"
    + MATH
    + "r = multi_head_attention_forward(X, X, X, 4, 2, W, None, None, None, False, 0.0, heads_out.T, None, "
    "need_weights=False)[0].transpose(0, 1)\nr"
)

TABLES: dict[str, list[Row]] = {
    "Convolution, pooling": [
        row(
            "conv1d(wave, filter1)",
            JAX="conv(wave, filter1, (1,), 'VALID')",
            MyGrad="conv_nd(wave, filter1, stride=1)",
            autograd="filters.convolve(wave, filter1[:, :, ::-1], axes=([2], [2]), "
            "dot_axes=([1], [1]), mode='valid')",
        ),
        row(
            "conv2d(image, filter2)",
            JAX="conv(image, filter2, (1, 1), 'VALID')",
            MyGrad="conv_nd(image, filter2, stride=1)",
            autograd="filters.convolve(image, filter2[:, :, ::-1, ::-1], axes=([2, 3], [2, 3]), "
            "dot_axes=([1], [1]), mode='valid')",
        ),
        row(
            "conv3d(volume, filter3)",
            JAX="conv(volume, filter3, (1, 1, 1), 'VALID')",
            MyGrad="conv_nd(volume, filter3, stride=1)",
            autograd="filters.convolve(volume, filter3[:, :, ::-1, ::-1, ::-1], axes=([2, 3, 4], [2, 3, 4]), "
            "dot_axes=([1], [1]), mode='valid')",
        ),
        row(
            "conv2d(image[:, :, :4, :4], filter2, stride=2, padding=1)",
            "conv2d (strided)",
            JAX="conv(image[:, :, :4, :4], filter2, (2, 2), ((1, 1), (1, 1)))",
            MyGrad="conv_nd(image[:, :, :4, :4], filter2, stride=2, padding=1)",
        ),
        row(
            "conv2d(image, filter2, dilation=2)",
            "conv2d (dilated)",
            JAX=f"conv_general_dilated(image, filter2, (1, 1), 'VALID', rhs_dilation=(2, 2), {NCHW})",
            MyGrad="conv_nd(image, filter2, stride=1, dilation=2)",
        ),
        row(
            "conv2d(image, grouped, groups=2)",
            "conv2d (grouped)",
            JAX=f"conv_general_dilated(image, grouped, (1, 1), 'VALID', feature_group_count=2, {NCHW})",
        ),
        row(
            "conv_transpose2d(image, turned, stride=2)",
            "conv2d (transposed)",
            JAX=f"conv_transpose(image, turned, (2, 2), 'VALID', transpose_kernel=True, {NCHW})",
        ),
        row(
            "max_pool(image, 2)",
            PyTorch="max_pool2d(image, 2)",
            JAX=f"reduce_window(image, -np.inf, lax.max, {WINDOW})",
            MyGrad="max_pool(image[:, :, :4, :4], (2, 2), 2)",
        ),
        row(
            "avg_pool(image, 2)",
            PyTorch="avg_pool2d(image, 2)",
            JAX=f"reduce_window(image, 0.0, lax.add, {WINDOW}) / 4",
        ),
        row("lp_pool(abs(image), 3, 2)", "lp_pool", PyTorch="lp_pool2d(abs(image), 3, 2)"),
        row("adaptive_avg_pool(image, 3)", PyTorch="adaptive_avg_pool2d(image, 3)"),
        row("adaptive_max_pool(image, 3)", PyTorch="adaptive_max_pool2d(image, 3)"),
        row(
            "resize(image, (10, 10))",
            "resize (nearest)",
            PyTorch="interpolate(image, (10, 10))",
            autograd="",
            JAX="jax.image.resize(image, (1, 2, 10, 10), 'nearest')",
        ),
        row(
            "resize(image, (8, 7), 'linear')",
            "resize (linear)",
            PyTorch="interpolate(image, (8, 7), mode='bilinear')",
            autograd="",
            JAX="jax.image.resize(image, (1, 2, 8, 7), 'linear')",
        ),
        row(
            "unfold(image, 2)",
            JAX="conv_general_dilated_patches(image, (2, 2), (1, 1), 'VALID').reshape(1, 8, 16)",
        ),
        row("fold(reshape(image[:, :, :2, :4], (1, 4, 4)), (3, 3), 2)", "fold"),
    ],
    "Layers": [
        *(
            row(f"{name}(x, axis=1)", PyTorch=f"{name}(x, 1)", MyGrad=f"{name.replace('_', '')}(x, axis=1)")
            for name in ("softmax", "log_softmax")
        ),
        row("masked_softmax(x, mask)", JAX="softmax(x, where=mask)"),
        row("standardise(x)", JAX="standardize(x, epsilon=1e-5)", PyTorch="layer_norm(x, (3,))"),
        row("layer_norm({'gamma': gamma, 'beta': beta}, Q)", PyTorch="layer_norm(Q, (4,), gamma, beta)"),
        row("rms_norm({'gamma': gamma}, Q)", PyTorch="rms_norm(Q, (4,), gamma, 1e-6)"),
        row(
            "group_norm({'gamma': gamma, 'beta': beta}, channels, 2)",
            PyTorch="group_norm(channels, 2, gamma, beta)",
        ),
        row(
            "instance_norm({'gamma': gamma, 'beta': beta}, channels)",
            PyTorch="instance_norm(channels, weight=gamma, bias=beta)",
        ),
        row(
            "batch_norm({'gamma': gamma, 'beta': beta}, channels, "
            "{'mean': np.zeros(4), 'var': np.ones(4)}, training=True)[0]",
            PyTorch="batch_norm(channels, None, None, gamma, beta, training=True)",
            MyGrad="batchnorm(channels, gamma=gamma, beta=beta, eps=1e-5)",
        ),
        row(
            "scaled_dot_product_attention(Q, K, V)",
            "scaled_dot_product_attention",
            PyTorch=MATH + "r = scaled_dot_product_attention(Q, K, V)\nr",
            JAX="dot_product_attention(*(swapaxes(z, 1, 2) for z in (Q, K, V))).swapaxes(1, 2)",
        ),
        row(
            "scaled_dot_product_attention(Q, K, V, causal)",
            "masked attention",
            PyTorch=MATH + "r = scaled_dot_product_attention(Q, K, V, causal)\nr",
            JAX="dot_product_attention(*(swapaxes(z, 1, 2) for z in (Q, K, V)), mask=causal).swapaxes(1, 2)",
        ),
        row(HEADS, "multi_head_attention", PyTorch=TORCH_HEADS),
        row("rotary(Q)"),
        row(
            "rnn({'W': W[:, :2], 'U': U[:, :2], 'b': b[:2]}, steps)[0]",
            "RNN",
            PyTorch="torch.rnn_tanh(steps, 0 * steps[:, :1].mT[:, :, 0][None], "
            "(W[:, :2].T, U[:, :2].T, b[:2], 0 * b[:2]), True, 1, 0.0, False, False, True)[0]",
        ),
        row(
            "gru({'W': W[:, :6], 'U': U[:, :6], 'b': b[:6], 'c': s}, steps)[0]",
            "GRU",
            PyTorch="torch.gru(steps, 0 * steps[:, :1].mT[:, :, 0][None], (W[:, :6].T, U[:, :6].T, b[:6], "
            "concatenate([0 * b[:4], s])), True, 1, 0.0, False, False, True)[0]",
        ),
        row(
            "lstm({'W': W, 'U': U, 'b': b}, steps)[0]",
            "LSTM",
            PyTorch="h = 0 * steps[:, :1].mT[:, :, 0][None]; "
            f"torch.lstm(steps, (h, h), ({LSTM}), True, 1, 0.0, False, False, True)[0]",
        ),
    ],
    "Losses": [
        row("cross_entropy(scores, labels)", MyGrad="softmax_crossentropy(scores, labels)"),
        row("cross_entropy(scores, labels, label_smoothing=0.1)", "cross_entropy (smoothed)"),
        row(
            "cross_entropy(scores, labels, weights=importance)",
            "cross_entropy (weighted)",
            PyTorch="cross_entropy(scores, labels, weight=importance)",
        ),
        row(
            "nll(log_softmax(scores, axis=1), labels)",
            "nll",
            PyTorch="nll_loss(log_softmax(scores, 1), labels)",
            MyGrad="negative_log_likelihood(logsoftmax(scores, axis=1), labels)",
        ),
        row("binary_cross_entropy(z, x)", PyTorch="binary_cross_entropy_with_logits(z, x)"),
        row("mse(x, y)", PyTorch="mse_loss(x, y)"),
        row("mae(x, y)", PyTorch="l1_loss(x, y)"),
        row("huber(x, y, delta=0.35)", PyTorch="huber_loss(x, y, delta=0.35)"),
        row("smooth_l1(x, y, beta=0.35)", PyTorch="smooth_l1_loss(x, y, beta=0.35)"),
        row("kl_div(x, y, reduction='none')", JAX=""),
        row("poisson_nll(x, y)", PyTorch="poisson_nll_loss(x, y)"),
        row("gaussian_nll(x, y, v[0])", PyTorch="gaussian_nll_loss(x, y, v[0].expand(2, 3))"),
        row(
            "hinge(u, signs[0], margin=0.5)",
            PyTorch="margin_ranking_loss(u, 0 * u, signs[0], margin=0.5)",
            MyGrad="margin_ranking_loss(u, 0 * u, signs[0], margin=0.5)",
        ),
        row(
            "multiclass_hinge(scores, labels)",
            PyTorch="3 * multi_margin_loss(scores, labels)",
            MyGrad="multiclass_hinge(scores, labels)",
        ),
        row("cosine_similarity(x, y)"),
        row("cosine_embedding(x, y, sides)", PyTorch="cosine_embedding_loss(x, y, sides)"),
        row("triplet(x, y, z)", PyTorch="triplet_margin_loss(x, y, z)"),
    ],
}
