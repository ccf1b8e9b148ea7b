"""The tool's side of GradBench's protocol: one message a line in, one answer a line out."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

__all__ = ["EVALS", "answers", "evaluated"]

EVALS = "hello", "gmm", "lstm", "ba", "kmeans"

Json = Any
Evaluated = Callable[[Json], dict[str, Json]]


def evaluated(prepare: Callable[[Json], Any], result: Callable[[Any], Json]) -> Callable[..., Evaluated]:
    """Make of a function what a message asks for: it runs as often and as long as the message says.

    Args:
        prepare: makes of the message's input what the function takes; not timed.
        result: makes of what it gives what the answer holds; not timed.
    """

    def decorate(function: Callable[[Any], Any]) -> Evaluated:
        def run(message: Json) -> dict[str, Json]:
            repeats = message if isinstance(message, dict) else {}
            runs, seconds = repeats.get("min_runs", 1), repeats.get("min_seconds", 0)
            given = prepare(message)
            timings: list[int] = []
            found: Any = None
            while len(timings) < runs or sum(timings) < seconds * 1e9:
                start = time.perf_counter_ns()
                found = function(given)
                timings.append(time.perf_counter_ns() - start)
            return {
                "success": True,
                "output": result(found),
                "timings": [{"name": "evaluate", "nanoseconds": took} for took in timings],
            }

        return run

    return decorate


def answers(lines: Iterable[str]) -> Iterator[str]:
    """The answer to each message, until they end."""
    for line in lines:
        message = json.loads(line)
        yield json.dumps({"id": message["id"], **_answer(message)})


def _answer(message: Json) -> dict[str, Json]:
    match message["kind"]:
        case "start":
            return {"tool": "diagrad"}
        case "define":
            return {"success": message["module"] in EVALS}
        case "evaluate":
            try:
                module = import_module(f"{__package__}.{message['module']}")
                return dict(getattr(module, message["function"])(message["input"]))
            except Exception:  # noqa: BLE001  (the answer says it)
                return {"success": False, "error": traceback.format_exc()}
        case _:
            return {}
