"""The native engine: a graph as machine code, one call for all of it."""
