"""Operations on each element, on complex numbers too."""

from __future__ import annotations

from ..row import Row, row, rows

TABLES: dict[str, list[Row]] = {
    "Arithmetic": [
        *rows("add subtract multiply divide power", "x", "y", PyTorch="power=pow"),
        *rows("maximum minimum arctan2 hypot logaddexp logaddexp2 copysign", "x", "y"),
        *rows("remainder fmod", "3.1 * x", "y"),
        *rows("negative reciprocal square sqrt rsqrt abs cbrt", "x"),
        row("deg2rad(x)"),
        row("rad2deg(x)"),
    ],
    "Exponentials, trigonometry": [
        *rows("exp expm1 exp2 log log1p log2 log10 sin cos tan sinc", "x"),
        *rows("arcsin arccos arctan sinh cosh tanh arcsinh arctanh", "x"),
        row("arccosh(x + 1)"),
    ],
    "Special functions": [
        *rows("sigmoid logit erf erfc erfinv gammaln digamma entr", "x", autograd="sigmoid=expit"),
        row("polygamma(2, x)"),
        *rows("xlogy xlog1py", "x", "y"),
    ],
    "Activations": [
        *rows(
            "relu selu celu silu mish softplus softsign log_sigmoid tanhshrink",
            "z",
            PyTorch="log_sigmoid=logsigmoid",
            JAX="softsign=soft_sign",
            MyGrad="softsign=soft_sign",
        ),
        row("elu(z, 0.9)"),
        row("leaky_relu(z, 0.1)"),
        row("gelu(z)", JAX="gelu(z, approximate=False)"),
        row("gelu(z, approximate='tanh')", "gelu (tanh)", JAX="gelu(z, approximate=True)"),
        row("hardtanh(3 * z)", JAX="hard_tanh(3 * z)", MyGrad="hard_tanh(3 * z)"),
        row("relu6(20 * z)"),
        row("hard_sigmoid(10 * z)", PyTorch="hardsigmoid(10 * z)"),
        row("hard_swish(10 * z)", PyTorch="hardswish(10 * z)"),
        row("glu(Q, axis=-1)", PyTorch="glu(Q, -1)", MyGrad="glu(Q, -1)"),
        row("prelu(z, u[:1])"),
    ],
    "Complex numbers": [
        row(f"c, d = x + 1j * y, y - 2j * x; {code}", name)
        for name, code in {
            "real": "real(c * d)",
            "imag": "imag(c * d)",
            "conj": "real(conj(c) * d * d)",
            "abs (complex)": "abs(c)",
            "angle": "angle(c)",
            "divide (complex)": "real(c / d)",
            "exp (complex)": "imag(exp(c))",
            "log (complex)": "real(log(c) * d)",
            "sqrt (complex)": "real(sqrt(c))",
            "power (complex)": "real(c ** 3)",
            "sin (complex)": "imag(sin(c))",
            "tanh (complex)": "imag(tanh(c))",
            "matmul (complex)": "imag(matmul(c, d.T))",
        }.items()
    ]
    + [
        row("real(inv(A + 1j * P))", "inv (complex)"),
        row("imag(solve(A + 1j * P, B + 2j * B))", "solve (complex)"),
    ],
}
