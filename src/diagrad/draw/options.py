"""The words that ``draw`` takes."""

from typing import Literal

Passes = Literal["both", "forward", "backward"]
"""Which passes a figure shows."""

Reading = Literal["auto", "all", "symbols", "shapes", "numbers"]
"""What it says of each value."""
