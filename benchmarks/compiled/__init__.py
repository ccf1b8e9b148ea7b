"""Compiled work: diagrad beside other libraries, each in a process of its own.

    python -m benchmarks.compiled run [--threads 1] [--rounds 5] [--peers diagrad,jax] [--work mlp,gpt]
    python -m benchmarks.compiled page [--write]

``run`` times rows and keeps them in ``benchmarks/compiled/results.json``; ``page`` makes of it the table and
the plot of ``docs/speed.md``. Before any time counts, results are compared with NumPy in float64.
"""
