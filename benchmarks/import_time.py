"""How long ``import diagrad`` takes, beside ``import numpy`` alone: medians of fresh interpreters.

Byte code is kept in a folder of this run's own, as an installed package has it.

python benchmarks/import_time.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

RUNS = 9
CODE = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def seconds(module: str, cache: str) -> float:
    """The median time of an import in a fresh interpreter."""
    command = [sys.executable, "-c", CODE.format(module)]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""}
    return statistics.median(float(subprocess.check_output(command, env=environment)) for _ in range(RUNS))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        seconds("diagrad", folder)  # compiles and reads the files once
        base, ours = seconds("numpy", folder), seconds("diagrad", folder)
    print(f"import numpy    {base:.3f} s")
    print(f"import diagrad  {ours:.3f} s  ({ours / base:.2f} × numpy's, which it includes)")
