"""Products of arrays and linear algebra. What is not unique is made so: V f(λ) Vᵀ, not V."""

from __future__ import annotations

from ..row import Row, row

SYMMETRIC = "S = A + A.T; "
POSITIVE = "S = matmul(A, A.T); "

JAX_EIG = "lax.linalg.eig(A, compute_left_eigenvectors=False, enable_eigvec_derivs=True)"
"""JAX gives derivatives of eigenvectors when asked."""

TABLES: dict[str, list[Row]] = {
    "Products": [
        row("matmul(x, A)"),
        row("matmul(batch, A)", "matmul (batch)"),
        row("matmul(A, v)", "matmul (vector)"),
        row("dot(u, v)", PyTorch="torch.dot(u, v)"),
        row("inner(x, y)"),
        row("outer(u, v)"),
        row("vdot(u, v)", PyTorch="torch.vdot(u, v)"),
        row("vecdot(x, y)"),
        row("tensordot(x, y, 2)"),
        row("einsum('ij,jk->ki', x, A)"),
        row("einsum('ij,ik,jk->i', x, y, A)", "einsum (of three)"),
        row("kron(x, A)"),
        row("cross(u, v)"),
        row("multi_dot([x, A, B])", MyGrad="multi_matmul([x, A, B])"),
        row("convolve(u, s)", autograd="filters.convolve(u, s)"),
        row("correlate(u, s, 'full')"),
    ],
    "Linear algebra": [
        row("inv(A)"),
        row("det(A)"),
        row("slogdet(A)[1]"),
        row("solve(A, B)"),
        row("solve(A, u)", "solve (vector)"),
        row(
            "solve_triangular(A, B, lower=True)",
            PyTorch="solve_triangular(A, B, upper=False)",
        ),
        row("lstsq(T, T @ B + matmul(T, A)[:, :2] ** 2)[0]", "lstsq"),
        row("pinv(T)"),
        row("matrix_power(A, 3)"),
        row("expm(A)", PyTorch="matrix_exp(A)"),
        row(POSITIVE + "cholesky(S)", "cholesky"),
        row("qr(A)"),
        row("qr(T)", "qr (tall)"),
        row(SYMMETRIC + "eigh(S)[0]", "eigh (values)"),
        row(SYMMETRIC + "w, R = eigh(S); matmul(R * exp(w), R.T)", "eigh (vectors)"),
        row(
            "w = eigvals(A); abs(w - 0.5) ** 3",
            "eigvals",
            JAX=f"w = {JAX_EIG}[0]; abs(w - 0.5) ** 3",
        ),
        row(
            "w, R = eig(A); real(matmul(R * exp(w), inv(R)))",
            "eig (vectors)",
            JAX=f"w, R = {JAX_EIG}; real(matmul(R * exp(w), inv(R)))",
        ),
        row("svdvals(T)", autograd="svd(T, compute_uv=False)"),
        row(
            "L, d, R = svd(T, full_matrices=False); matmul(L * exp(d), R)",
            "svd (vectors)",
        ),
        row("norm(u)"),
        row("vector_norm(u, ord=3)", autograd="norm(u, 3)", MyGrad="norm(u, 3)"),
        row("norm(A)", "norm (Frobenius)"),
        row("norm(A, 'nuc')", "norm (nuclear)"),
        row("norm(A, 2)", "norm (spectral)"),
        row("norm(A, 1)", "norm (1)"),
        row("norm(A, float('inf'))", "norm (∞)"),
        row("norm(A, axis=1)", "norm (axis)", PyTorch="norm(A, dim=1)"),
        row("cond(A)"),
    ],
}
