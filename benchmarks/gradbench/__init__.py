"""A tool for GradBench on top of diagrad.

    python -m benchmarks.gradbench

GradBench (https://github.com/gradbench/gradbench) times programs that differentiate. An *eval* sends
messages, a line of JSON each, to the standard input of a *tool*, and checks what the tool answers. This tool
knows the evals ``hello``, ``gmm``, ``lstm``, ``ba`` and ``kmeans``; each is a module here, written from its
definition. ``README.md`` has results.
"""
