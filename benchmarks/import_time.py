"""How long ``import diagrad`` takes, beside ``import numpy`` alone: medians of fresh interpreters.

python benchmarks/import_time.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys

RUNS = 9
CODE = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def seconds(module: str) -> float:
    """The median time of an import in a fresh interpreter."""
    command = [sys.executable, "-c", CODE.format(module)]
    return statistics.median(float(subprocess.check_output(command)) for _ in range(RUNS))


if __name__ == "__main__":
    seconds("numpy")  # reads the files once
    base, ours = seconds("numpy"), seconds("diagrad")
    print(f"import numpy    {base:.3f} s")
    print(f"import diagrad  {ours:.3f} s  ({ours / base:.2f} × numpy's, which it includes)")
