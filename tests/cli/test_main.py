"""The command as a whole: help, version, exit codes, completion."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import diagrad as dg
from diagrad.cli import main
from diagrad.cli.completion import script
from diagrad.cli.parser import build_parser
from diagrad.cli.terminal import Progress

Output = pytest.CaptureFixture[str]


def test_version(capsys: Output) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"diagrad {dg.__version__}\n"


@pytest.mark.parametrize("command", [[], ["draw"], ["gallery"], ["demo"], ["completion"]])
def test_help(command: list[str], capsys: Output) -> None:
    assert main([*command, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: diagrad")
    assert ("examples:" if command else "start here:") in out


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["paint"],
        ["draw"],
        ["draw", "x", "--pass", "sideways"],
        ["draw", "x", "--seed", "-1"],
        ["draw", "x", "--seed", "9" * 30],
        ["draw", "x", "--scale", "0"],
        ["draw", "x", "--no-such-option"],
        ["draw", "x", "y"],
        ["demo", "--epochs", "0"],
        ["completion", "tcsh"],
    ],
)
def test_a_wrong_command_is_2(args: list[str], capsys: Output) -> None:
    assert main(args) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "usage: diagrad" in err
    assert "error:" in err


def test_stopped(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("diagrad.cli.draw.run_draw", interrupt)
    assert main(["draw", "x"]) == 130
    assert "the files written so far are kept" in capsys.readouterr().err


def test_completion_knows_every_word() -> None:
    for shell in ("bash", "zsh", "fish"):
        text = script(build_parser(), shell)
        for word in ("draw", "gallery", "demo", "completion", "backward", "symbols", "dark"):
            assert word in text, (shell, word)
        for option in ("input", "parameter", "pass", "show", "loss", "epochs", "png", "version"):
            assert (f"-l {option}" if shell == "fish" else f"--{option}") in text, (shell, option)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_reads_its_script(shell: str, tmp_path: Path, capsys: Output) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    assert main(["completion", shell]) == 0
    path = tmp_path / "script"
    path.write_text(capsys.readouterr().out)
    subprocess.run([shell, "-n", str(path)], check=True)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "want"),
    [
        (["dr"], {"draw"}),
        (["draw", "x", "--pass", "b"], {"both", "backward"}),
        (["draw", "--sh"], {"--show"}),
        (["completion", "z"], {"zsh"}),
    ],
)
def test_bash_completes(words: list[str], want: set[str]) -> None:
    line = " ".join(f"'{word}'" for word in ["diagrad", *words])
    code = f"COMP_WORDS=({line}); COMP_CWORD={len(words)}; _diagrad; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(
        ["bash", "-c", script(build_parser(), "bash") + code], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == want


def test_progress_off_a_terminal(capsys: Output) -> None:
    progress = Progress("training", 40)
    for done in range(1, 41):
        progress(done, f"epoch {done}")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[-1] == "training 100%  epoch 40"
    Progress("training", 1, quiet=True)(1, "done")
    assert capsys.readouterr().err == ""


def test_progress_on_a_terminal(capsys: Output) -> None:
    progress = Progress("training", 2)
    progress.live = True
    progress(1, "epoch 1/2")
    progress(2, "epoch 2/2")
    err = capsys.readouterr().err
    assert "\rtraining ━━━━━━━━━━━━────────────  50%  epoch 1/2  0:00" in err
    assert err.endswith("\n")
