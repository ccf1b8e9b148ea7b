"""``diagrad draw``, run as a user runs it."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from diagrad.cli import main
from diagrad.draw.gates import check
from diagrad.draw.readback import read

AFFINE = ["draw", "Y = X @ W + b", "--input", "X=3x2", "--input", "W=2x2", "--input", "b=2"]

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_readmes_command(here: Path, capsys: Output) -> None:
    assert main([*AFFINE, "-o", "affine.svg"]) == 0
    out, err = capsys.readouterr()
    assert out == "affine.svg\n"
    assert err == "random numbers, seed 0: X (3×2), W (2×2), b (2)\n"
    svg = (here / "affine.svg").read_text(encoding="utf-8")
    assert check(svg) == []
    drawn = read(svg)
    assert drawn.passes == "both"
    assert [node.name for node in drawn.nodes if node.kind == "input"] == ["X", "W", "b"]
    assert all(edge.shape for edge in drawn.edges)
    assert list(here.iterdir()) == [here / "affine.svg"]


def test_without_a_name_it_takes_the_results_and_never_overwrites(here: Path, capsys: Output) -> None:
    for want in ("Y.svg", "Y-2.svg", "Y-3.svg"):
        assert main(AFFINE) == 0
        assert capsys.readouterr().out == f"{want}\n"
    assert main(["draw", "np.exp(x) / 2", "-i", "x=2.0"]) == 0
    assert capsys.readouterr().out == "np-exp-x-2.svg\n"


def test_a_named_file_is_replaced(here: Path) -> None:
    (here / "a.svg").write_text("old")
    assert main([*AFFINE, "-o", "a.svg"]) == 0
    assert (here / "a.svg").read_text().startswith("<svg")


def test_png(here: Path) -> None:
    assert main([*AFFINE, "-o", "a.png", "--scale", "1"]) == 0
    assert (here / "a.png").read_bytes().startswith(b"\x89PNG")


def test_stdout(capsys: Output, here: Path) -> None:
    assert main([*AFFINE, "-o", "-", "-q"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("<svg")
    assert not err
    assert list(here.iterdir()) == []


def test_text(capsys: Output, here: Path) -> None:
    circuit = ["draw", "f = (x + y) * z", "-i", "x=-2.0", "-i", "y=5.0", "-i", "z=-4.0"]
    assert main([*circuit, "--text"]) == 0
    out = capsys.readouterr().out
    assert "∂f/∂x = −4" in out
    assert "∂f/∂z = 3" in out
    assert list(here.iterdir()) == []
    assert main([*circuit, "--text", "-o", "f.svg"]) == 0
    assert (here / "f.svg").exists()


def test_seed(capsys: Output) -> None:
    def svg(*more: str) -> str:
        assert main([*AFFINE, "-o", "-", *more]) == 0
        return capsys.readouterr().out

    assert svg() == svg() == svg("--seed", "0")
    assert svg() != svg("--seed", "1")


def test_passes_readings_and_styles(capsys: Output) -> None:
    for passes in ("forward", "backward", "both"):
        for show in ("auto", "symbols", "shapes", "numbers", "all"):
            assert main([*AFFINE, "-o", "-", "--pass", passes, "--show", show]) == 0
            svg = capsys.readouterr().out
            assert read(svg).passes == passes
            assert check(svg) == []
    assert main([*AFFINE, "-o", "-", "--style", "dark"]) == 0
    assert check(capsys.readouterr().out) == []


def test_the_gradient_and_the_parameters(capsys: Output) -> None:
    args = [
        "draw",
        "y = w * x",
        "-i",
        "x=[1, 2]",
        "-p",
        "w=[3, 4]",
        "--gradient",
        "[10, 100]",
        "-o",
        "-",
        "--text",
    ]
    assert main(args) == 0
    out = capsys.readouterr().out
    assert "w: parameter" in out
    assert "∂L/∂w =\n     10  200" in out


def test_the_loss(capsys: Output) -> None:
    args = ["draw", "h = x * x; E = sum(h); n = h + 1", "-i", "x=[1, 2]", "--text", "--loss"]
    assert main([*args, "E"]) == 0
    out = capsys.readouterr().out
    assert "∂E/∂x" in out
    assert "n =" not in out
    assert main([*args, "h"]) == 1
    assert capsys.readouterr().err == dedent("""\
        diagrad: h cannot be the loss
          where:    --loss h
          expected: a scalar that the expression computes
          got:      h: f64[2]
          fix:      sum it: add '; L = sum(h)' and --loss L
        """)


def test_several_results_are_one_figure(capsys: Output) -> None:
    assert main(["draw", "s = sin(x); c = cos(x)", "-i", "x=2.0", "-o", "-", "--show", "all"]) == 0
    svg = capsys.readouterr().out
    assert check(svg) == []
    (edge,) = (edge for edge in read(svg).edges if read(svg).node[edge.source].name == "x")
    assert float(edge.gradient or 0) == pytest.approx(np.cos(2) - np.sin(2))


def test_files_as_inputs(here: Path, capsys: Output) -> None:
    np.save(here / "X.npy", np.ones((3, 2)))
    (here / "b.csv").write_text("1,2\n")
    assert main(["draw", "Y = X + b", "-i", "X=X.npy", "-i", "b=b.csv", "--text"]) == 0
    assert "random" not in capsys.readouterr().err


def test_from_stdin(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y = x * x\nz = y + 1\n"))
    assert main(["draw", "-", "-i", "x=2.0", "--text"]) == 0
    assert "z = " in capsys.readouterr().out


def test_notes(capsys: Output) -> None:
    assert main(["draw", "y = log(x)", "-i", "x=[0, nan]", "-i", "w=2", "-o", "y.svg"]) == 0
    assert capsys.readouterr().err == (
        "warning: the input w is not used by the expression\nwarning: y has NaN or infinity in it\n"
    )
    assert main(["draw", "y = log(x)", "-i", "x=[0, nan]", "-i", "w=2", "-o", "y.svg", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_errors_are_messages_and_not_tracebacks(capsys: Output, here: Path) -> None:
    assert main(["draw", "Y = X @ w", "--input", "X=3x2"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == dedent("""\
        diagrad: unknown name 'w'
          where:    Y = X @ w
                            ^
          expected: one of: X
          got:      w
          fix:      give it a shape or numbers: --input w=3x2
        """)
    assert list(here.iterdir()) == []


def test_shapes_that_disagree(capsys: Output) -> None:
    assert main(["draw", "Y = X @ W", "-i", "X=3x2", "-i", "W=3x2"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("diagrad: MatMul: axis 'k' is 2 in X but 3 in W\n")
    assert "  where:    Y = X @ W\n                ^^^^^\n" in err


def test_what_has_no_gradient_is_said(capsys: Output) -> None:
    code = main(["draw", "y = x > 0", "-i", "x=3", "-o", "-"])
    captured = capsys.readouterr()
    assert code == 0
    assert check(captured.out) == []


@pytest.mark.parametrize("output", ["a.pdf", "a", "a.svg.txt"])
def test_other_kinds_of_file(output: str, capsys: Output, here: Path) -> None:
    assert main([*AFFINE, "-o", output]) == 1
    assert capsys.readouterr().err.startswith(
        f"diagrad: cannot draw to {output}\n  expected: a file that ends in .svg"
    )
    assert list(here.iterdir()) == []


def test_a_folder_that_does_not_exist(capsys: Output, here: Path) -> None:
    assert main([*AFFINE, "-o", "no/a.svg"]) == 1
    assert "fix:      make it first: mkdir -p 'no'" in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_a_folder_in_the_way(capsys: Output, here: Path) -> None:
    (here / "a.svg").mkdir()
    assert main([*AFFINE, "-o", "a.svg"]) == 1
    assert "is a folder" in capsys.readouterr().err
    assert list((here / "a.svg").iterdir()) == []


def test_a_disk_that_is_full(capsys: Output, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert main([*AFFINE, "-o", "a.svg"]) == 1
    assert "No space left on device" in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_names_that_are_data(capsys: Output) -> None:
    assert main(["draw", "قيمة = x * x", "-i", "x=2.0", "-o", "-", "--title", "<&\"'>\u202e"]) == 0
    svg = capsys.readouterr().out
    assert check(svg) == []
    assert "<&" not in svg


def run(*args: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    source = Path(__file__).parents[2] / "src"
    env = {**os.environ, "PYTHONPATH": str(source), **environment}
    return subprocess.run([sys.executable, "-m", "diagrad", *args], capture_output=True, env=env, check=False)


def test_utf8_in_a_c_locale() -> None:
    done = run(
        "draw", "y = x * x", "-i", "x=2.0", "--text", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert done.returncode == 0
    assert "∂y/∂x = 4" in done.stdout.decode("utf-8")


def test_a_closed_pipe_is_no_traceback() -> None:
    source = Path(__file__).parents[2] / "src"
    command = [sys.executable, "-m", "diagrad", "draw", "Y = X @ W", "-i", "X=3x2", "-i", "W=2x2", "-o", "-"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(source)}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read().decode()
    assert "Traceback" not in err
    assert "BrokenPipe" not in err
    assert process.returncode == 141


def test_debug_says_where_nan_comes_from_and_draws_the_path(here: Path, capsys: Output) -> None:
    assert main(["draw", "L = sum(sqrt(x))", "-i", "x=[0, 4]", "--debug", "-o", "path.svg"]) == 1
    out, err = capsys.readouterr()
    assert out == "path.svg\n"
    assert err.startswith(
        "diagrad: the gradient of x becomes infinite at Sqrt\n  where:    L = sum(sqrt(x))\n"
    )
    assert "∂L/∂x" in (here / "path.svg").read_text(encoding="utf-8")


def test_debug_draws_as_ever_where_all_is_finite(here: Path, capsys: Output) -> None:
    for extra in ([], ["--debug"]):
        assert main(["draw", "L = sum(sqrt(x))", "-i", "x=[1, 4]", *extra, "-o", f"{len(extra)}.svg"]) == 0
    assert (here / "0.svg").read_bytes() == (here / "1.svg").read_bytes()
