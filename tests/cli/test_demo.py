"""``diagrad demo``: the main job, in a short form."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

import diagrad as dg
from diagrad.cli import main
from diagrad.cli.demo.curve import training_curve
from diagrad.draw.gates import check
from diagrad.draw.readback import read

Output = pytest.CaptureFixture[str]
FILES = ["network.svg", "network.png", "network-with-loss.svg", "network-with-loss.png", "training.svg"]


def test_it_learns_checks_and_draws(tmp_path: Path, capsys: Output) -> None:
    pytest.importorskip("sklearn")
    assert main(["demo", "-o", str(tmp_path), "--epochs", "8", "--hidden", "16"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [str(tmp_path / name) for name in FILES]
    assert "1438 digits to learn from, 359 to validate" in err
    assert "epoch 8/8" in err
    assert "gradients agree with finite differences" in err
    assert "validation accuracy 9" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    for name in ("network.svg", "network-with-loss.svg"):
        svg = (tmp_path / name).read_text(encoding="utf-8")
        assert check(svg) == []
        drawn = read(svg)
        assert {"W1", "b1", "W2", "b2"} == {node.name for node in drawn.nodes if node.kind == "parameter"}
        shapes = {edge.name: edge.shape for edge in drawn.edges}
        assert shapes["images"] == (32, 64)
        assert shapes["scores"] == (32, 10)
        assert shapes["hidden"] == (32, 16)
    assert ElementTree.parse(tmp_path / "training.svg").getroot().get("role") == "img"


def test_too_little_training_is_an_error(tmp_path: Path, capsys: Output) -> None:
    pytest.importorskip("sklearn")
    assert (
        main(["demo", "-o", str(tmp_path), "--epochs", "1", "--hidden", "2", "-q", "--activation", "relu"])
        == 1
    )
    err = capsys.readouterr().err
    assert "of the digits it has not seen" in err
    assert "expected: at least 95%" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)


def test_without_scikit_learn(tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sklearn", "sklearn.datasets"):
        monkeypatch.setitem(sys.modules, name, None)
    assert main(["demo", "-o", str(tmp_path / "new")]) == 1
    assert capsys.readouterr().err == (
        "diagrad: the demo needs scikit-learn, which ships the digits\n"
        "  expected: the package scikit-learn\n"
        "  got:      it is not installed\n"
        "  fix:      pip install scikit-learn\n"
    )
    assert not (tmp_path / "new").exists()


def test_the_gradients_of_training_are_those_of_the_definition() -> None:
    pytest.importorskip("sklearn")
    from diagrad.cli.demo.train import initial_parameters, loss_of

    rng = np.random.default_rng(0)
    images, labels = rng.random((5, 64)), np.array([0, 3, 9, 3, 1])
    W1, b1, W2, b2 = parameters = initial_parameters(7)
    loss_of(parameters, images, labels, "tanh").backward()
    grads = dg.optim.gradients(dict(zip(("W1", "b1", "W2", "b2"), parameters, strict=True)))
    hidden = np.tanh(images @ W1.data + b1.data)
    scores = hidden @ W2.data + b2.data
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    g = (e / e.sum(axis=1, keepdims=True) - np.eye(10)[labels]) / 5
    np.testing.assert_allclose(grads["W2"], hidden.T @ g, atol=1e-15)
    np.testing.assert_allclose(grads["b1"], ((g @ W2.data.T) * (1 - hidden**2)).sum(axis=0), atol=1e-15)


def test_the_curve() -> None:
    losses = [2.3 * 0.97**n for n in range(100)]
    svg = training_curve(losses, [0.5, 0.97], "<digits>", "dark")
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    loss, smooth, accuracy = root.findall(f"{space}polyline")
    assert len((loss.get("points") or "").split()) == len((smooth.get("points") or "").split()) == 100
    assert len((accuracy.get("points") or "").split()) == 2
    ys = [float(point.split(",")[1]) for point in (loss.get("points") or "").split()]
    assert ys == sorted(ys), "a falling loss falls on the page"
    assert root.findtext(f"{space}title") == "<digits>"
    assert "ends at 97.0% after 2 epochs" in (root.findtext(f"{space}desc") or "")
    assert training_curve([0.0], [1.0], "") == training_curve([0.0], [1.0], "")


def test_ctrl_c_ends_it_politely(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    source = Path(__file__).parents[2] / "src"
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); import runpy, sys; "
    code += "sys.argv[0] = 'diagrad'; runpy.run_module('diagrad', run_name='__main__')"
    command = [sys.executable, "-c", code, "demo", "-o", str(tmp_path), "--epochs", "9999"]
    environment = {**os.environ, "PYTHONPATH": str(source)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "epoch 1/" in line:
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert rest.endswith("diagrad: stopped; the files written so far are kept\n")
