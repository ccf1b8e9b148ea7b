"""Children of os.fork, for tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest


def forks(test: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a test that forks. Python and JAX, if another test loaded it, warn of threads at every fork."""
    test = pytest.mark.filterwarnings("ignore:This process", "ignore:os.fork:RuntimeWarning")(test)
    return pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")(test)


def in_a_child(work: Callable[[], int]) -> int:
    """The exit code of a forked child, which is what the work returns; it is killed after a while."""
    pid = os.fork()
    if not pid:
        signal.alarm(30)
        try:
            os._exit(work())
        except BaseException:
            os._exit(255)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
