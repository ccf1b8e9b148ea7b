"""Time workloads: each library in its own process, checked before its time counts, rounds interleaved."""

from __future__ import annotations

import importlib
import json
import math
import multiprocessing
import os
import platform
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from .checking import errors
from .peers import PEERS
from .workloads import workload

TOLERANCE = 2e-3, 2e-2
"""How far a loss and a derivative in float32 may be from the reference."""


def settings(threads: int, folder: str) -> dict[str, str]:
    """The environment of a library's process: its threads, and empty caches."""
    numbers = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    flags = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"} if threads == 1 else {}
    return flags | {
        **dict.fromkeys(numbers, str(threads)),
        "JAX_PLATFORMS": "cpu",
        "DIAGRAD_CACHE_DIR": f"{folder}/diagrad",
        "TORCHINDUCTOR_CACHE_DIR": f"{folder}/inductor",
        "PYTENSOR_FLAGS": f"base_compiledir={folder}/pytensor,floatX=float32",
        "CACHEDB": f"{folder}/tinygrad.db",
    }


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        2**20 if platform.system() == "Darwin" else 1024
    )


def serve(peer: str, name: str, threads: int, budget: float, pipe: Any) -> None:
    """One library on one workload: check, then time whenever asked."""
    if threads == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    work = workload(name)
    module, form = PEERS[peer]
    try:
        build = importlib.import_module(f"{__package__}.peers.{module}").build
        before, start = peak(), time.perf_counter()
        run = build(work, threads, form)
        took: list[float] = []

        def first(rate: Any) -> Any:
            result = run(rate)
            took.append(time.perf_counter() - start)
            return result

        off = errors(work, first)
    except ImportError as error:
        pipe.send({"failed": f"not installed: {error.name}"})
        return
    except NotImplementedError:
        pipe.send({"failed": "no such form"})
        return
    except Exception as error:  # noqa: BLE001 - whatever a library raises is its result
        pipe.send({"failed": f"{type(error).__name__}: {error}"[:200]})
        return
    if not (off[0] < TOLERANCE[0] and off[1] < TOLERANCE[1]):
        pipe.send({"failed": f"loss wrong by {off[0]:.1e}, derivative by {off[1]:.1e}"})
        return
    for _ in range(2):
        run(np.float32(1e-7))
    pipe.send({"first": took[0], "errors": off})
    while pipe.recv():
        times: list[float] = []
        end = time.perf_counter() + budget
        while time.perf_counter() < end or len(times) < 3:
            begin = time.perf_counter()
            run(np.float32(1e-7))
            times.append(time.perf_counter() - begin)
        pipe.send({"median": statistics.median(times), "memory": peak() - before})


def compare(
    name: str, peers: list[str], threads: int, rounds: int, budget: float, limit: float
) -> dict[str, Any]:
    """A row: what each library said, with the median over rounds, or why it has none."""
    context = multiprocessing.get_context("spawn")
    live: dict[str, Any] = {}
    row: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(settings(threads, folder))
        for peer in peers:
            ours, theirs = context.Pipe()
            process = context.Process(target=serve, args=(peer, name, threads, budget, theirs), daemon=True)
            process.start()
            theirs.close()
            try:
                said = ours.recv() if ours.poll(limit) else {"failed": f"no answer in {limit:.0f} s"}
            except EOFError:
                said = {"failed": "its process ended"}
            row[peer] = said
            if "failed" in said:
                process.kill()
            else:
                live[peer] = ours, process, []
        for _ in range(rounds):
            for peer, (pipe, _, times) in live.items():
                pipe.send(True)
                said = pipe.recv()
                times.append(said["median"])
                row[peer]["memory"] = said["memory"]
        for peer, (pipe, process, times) in live.items():
            pipe.send(False)
            process.join()
            row[peer]["time"] = statistics.median(times)
    return row


def rounded(row: dict[str, Any]) -> dict[str, Any]:
    """A row with three or four digits to each number, so that the file is small."""
    keep = ("first", "memory", "time")
    return {
        peer: {key: float(f"{x:.4g}") for key, x in said.items() if key in keep and math.isfinite(x)}
        if "failed" not in said
        else said
        for peer, said in row.items()
    }


def run(
    path: Path, names: list[str], peers: list[str], threads: int, rounds: int, budget: float, limit: float
) -> None:
    """Time rows, and write each into the file as soon as it is done; other rows of the file stay."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in names:
        row = rounded(compare(name, peers, threads, rounds, budget, limit))
        kept.setdefault(f"threads {threads}", {})[name] = row
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        for peer, said in row.items():
            text = said.get("failed") or f"{1e6 * said['time']:,.1f} µs, first {said['first']:.2f} s"
            print(f"{name:20} {peer:14} {text}", flush=True)
