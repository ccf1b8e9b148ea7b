"""``import diagrad`` is light: what it does not need, it does not load."""

from __future__ import annotations

import json
import subprocess
import sys

OPTIONAL = {
    "IPython", "fontTools", "jax", "jaxlib", "matplotlib", "onnx", "onnxruntime", "optree", "resvg_py",
    "scipy", "sklearn", "torch", "ziafont",
}  # fmt: skip
LAZY = ("diagrad.draw", "diagrad.cli", "diagrad.testing", "diagrad.nn", "diagrad.optim")


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after ``statement``."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    return set(json.loads(run.stdout))


def test_import_loads_no_optional_package():
    assert {name.partition(".")[0] for name in loaded_by("import diagrad")} & OPTIONAL == set()


def test_import_loads_neither_pictures_nor_command_line():
    """Of pictures only the thin front, which says what ``draw`` takes."""
    front = {"diagrad.draw", "diagrad.draw.options"}
    assert [name for name in loaded_by("import diagrad") if name.startswith(LAZY) and name not in front] == []


def test_building_and_differentiating_load_no_optional_package():
    statement = (
        "import diagrad as dg; x = dg.array(2.0); (x * x).backward(); str(dg.trace(dg.exp)(1.0).backward())"
    )
    assert {name.partition(".")[0] for name in loaded_by(statement)} & OPTIONAL == set()
