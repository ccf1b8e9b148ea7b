"""Which operations can be differentiated: diagrad, HIPS autograd, MyGrad, PyTorch and JAX side by side.

Nothing is taken on trust, our own derivatives least of all. Each library computes the same function of the
same numbers, its gradient, and the gradient of that; a cell compares them with finite differences.

    python -m benchmarks.operations            # prints the page
    python -m benchmarks.operations --write    # writes docs/operations.md
    python -m benchmarks.operations --why      # what is behind each cell that does not say "yes"

======================  =====================================================
``tables/``             the rows: what is computed, as each library writes it
``row.py``              a row, its numbers, and how its code becomes a function
``libraries.py``        where each library keeps its functions; how it differentiates
``verdict.py``          what a cell says
``transforms.py``       derivatives and control flow, whose rows are small programs
``notes.py``            what is said of some cells
``page.py``             the page
======================  =====================================================
"""
