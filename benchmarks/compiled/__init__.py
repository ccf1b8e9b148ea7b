"""Compiled work: diagrad beside other libraries, each in a process of its own.

    python -m benchmarks.compiled run [--threads 1] [--rounds 5] [--peers diagrad,jax] [--work mlp,gpt]
    python -m benchmarks.compiled page [--write]

``run`` times rows and keeps them in ``benchmarks/compiled/results.json``; ``page`` makes the table and the plot
of ``docs/speed.md`` from it. Before any time counts, losses and derivatives are compared with NumPy's float64.
"""
