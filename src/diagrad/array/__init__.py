"""Arrays: what users hold, how operations record, and how a recording becomes a graph."""
