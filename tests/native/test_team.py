"""The team of threads: each unit once, the same parts whoever runs them, and an end to every region."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from diagrad.native import codegen, cores, team
from diagrad.native.builder import Builder
from diagrad.native.kernel import PARAMETERS
from diagrad.native.module import Module
from diagrad.native.registers import INT64, Register
from diagrad.native.target import host
from forking import forks, in_a_child

WORDS = ctypes.c_int64
UNITS = 1000
LINE = 8
BYTES = 8 * LINE


def module() -> Module:
    """Kernels by hand, and functions that run them in regions."""
    made = Module(host())
    made.declare(team.SIGNATURE)
    b = Builder(made, f"define internal void @sum({PARAMETERS})")
    begin, end, part = (Register(b, name, INT64, 0) for name in ("%begin", "%end", "%part"))
    total = b.variable(b.index(0))
    with b.loop(begin, end) as unit:
        total.set(total.get() + b.load(b.pointer("%args", unit, INT64), INT64, 0))
    for at, word in enumerate((total.get(), begin, end, part)):
        b.store(word, b.pointer("%scratch", b.index(at), INT64))
    b.finish()
    # Every unit counts up, without any care for others: two threads on one unit would be seen.
    b = Builder(made, f"define internal void @count({PARAMETERS})")
    with b.loop(Register(b, "%begin", INT64, 0), Register(b, "%end", INT64, 0)) as unit:
        place = b.pointer("%args", unit, INT64)
        b.store(b.load(place, INT64, 0) + 1, place)
    b.finish()
    # A region around a region: units of 10 numbers each.
    b = Builder(made, f"define internal void @outer({PARAMETERS})")
    with b.loop(Register(b, "%begin", INT64, 0), Register(b, "%end", INT64, 0)) as unit:
        row = b.pointer("%args", unit * 10, INT64)
        b.do(f"call void @dg_parallel(ptr @count, ptr {row}, i64 10, ptr null, i64 0, i64 2)")
    b.finish()
    for name in ("sum", "count", "outer"):
        b = Builder(
            made, f"define void @regions_{name}(ptr %a, i64 %units, ptr %s, i64 %threads, i64 %times)"
        )
        with b.loop(0, Register(b, "%times", INT64, 0)):
            b.do(
                f"call void @dg_parallel(ptr @{name}, ptr %a, i64 %units, ptr %s, i64 {BYTES}, i64 %threads)"
            )
        b.finish()
    return made


class Regions:
    """The functions of :func:`module`, on a team."""

    def __init__(self, of: team.Team) -> None:
        self.team = of
        codegen.define("dg_parallel", of.address)
        self.code = codegen.load(codegen.assemble(module().text(), host()), host())
        codegen.define("dg_parallel", team.provide().address)
        kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, WORDS, ctypes.c_void_p, WORDS, WORDS)
        self._sum, self._count, self._outer = (
            kind(self.code.address(f"regions_{name}")) for name in ("sum", "count", "outer")
        )

    def sum(self, data, threads, times=1):
        """What each part wrote: its sum, where it began and ended, its number."""
        scratch = np.full((max(threads, 1), LINE), -1)
        self._sum(data.ctypes.data, data.size, scratch.ctypes.data, threads, times)
        return scratch[:, :4].tolist()

    def count(self, units, threads, times):
        data = np.zeros(units, np.int64)
        self._count(data.ctypes.data, units, None, threads, times)
        return data

    def outer(self, units, threads, times):
        data = np.zeros((units, 10), np.int64)
        self._outer(data.ctypes.data, units, None, threads, times)
        return data


def expected(data, threads):
    said = [[int(data[i:j].sum()), i, j, p] for p, (i, j) in enumerate(team.parts(data.size, threads))]
    return said + [[-1] * 4] * (max(threads, 1) - len(said))


@pytest.fixture(scope="module")
def regions():
    return Regions(team.provide())


POSIX = pytest.mark.skipif(os.name != "posix", reason="threads of POSIX")
DATA = np.arange(UNITS) ** 2


@pytest.fixture(scope="module", params=["futex", "condition", "alone"])
def each(request):
    if request.param != "alone" and (
        os.name != "posix" or (request.param == "futex" and sys.platform != "linux")
    ):
        pytest.skip("not on this system")
    return Regions(team.Team(request.param, cores.allowed()))


@pytest.mark.parametrize("threads", [1, 2, 3, 8, 17])
def test_each_part_has_its_units_its_number_and_its_scratch(each, threads):
    for _ in range(50):
        assert each.sum(DATA, threads) == expected(DATA, threads)


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_ten_thousand_regions_do_each_unit_once(each, threads):
    assert (each.count(64, threads, 10_000) == 10_000).all()


@pytest.mark.parametrize("units", [0, 1, 2, 7])
def test_more_threads_than_units(each, units):
    assert each.sum(DATA[:units], 8) == expected(DATA[:units], 8)


@pytest.mark.parametrize("threads", [-3, 0, 1])
def test_one_thread_needs_no_team(threads):
    few = Regions(team.Team(team._way_to_sleep(), 2))
    assert few.sum(DATA, threads) == expected(DATA, threads)
    assert few.team.workers() == 0


@POSIX
def test_workers_are_hired_when_needed_and_stay():
    few = Regions(team.Team(team._way_to_sleep(), 2))
    for threads, workers in ((2, 1), (5, 4), (3, 4)):
        few.sum(DATA, threads)
        assert few.team.workers() == workers


def test_more_parts_than_a_team_has(regions):
    assert regions.sum(DATA, team.MOST + 44) == expected(DATA, team.MOST + 44)


def test_regions_of_changing_size(each):
    for threads in (8, 2, 5, 1, 3, 8, 4) * 30:
        assert each.sum(DATA, threads) == expected(DATA, threads)


def test_a_team_that_has_gone_to_sleep(each):
    for _ in range(5):
        time.sleep(0.01)
        assert each.sum(DATA, 3) == expected(DATA, 3)


def test_a_region_within_a_region(each):
    assert (each.outer(20, 4, 200) == 200).all()


def test_four_python_threads_at_once(each):
    found = [None] * 4

    def work(at):
        data = DATA + at
        found[at] = all(each.sum(data, 2 + at, 20) == expected(data, 2 + at) for _ in range(100))

    threads = [threading.Thread(target=work, args=(at,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [True] * 4


def test_the_gil_is_free_in_a_region(regions):
    ended = threading.Event()

    def work():
        regions.count(100_000, 2, 500)
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    turns = 0
    while not ended.is_set():
        turns += 1
        time.sleep(0.0001)
    thread.join()
    assert turns > 2


@forks
def test_a_child_after_fork_has_a_team_of_its_own(each):
    each.sum(DATA, 3)

    def work():
        fresh = each.team.workers() == 0
        right = all(each.sum(DATA, 3) == expected(DATA, 3) for _ in range(100))
        return fresh and right and each.team.workers() in (0, 2)

    assert in_a_child(work) == 1
    assert each.sum(DATA, 3) == expected(DATA, 3)


@forks
def test_a_fork_in_the_midst_of_a_region_of_another_thread(each):
    stop = threading.Event()

    def work():
        while not stop.is_set():
            each.count(1000, 3, 50)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(10):
            assert in_a_child(lambda: all(each.sum(DATA, 3) == expected(DATA, 3) for _ in range(20))) == 1
    finally:
        stop.set()
        thread.join()


@POSIX
def test_the_system_gives_no_more_threads():
    script = (
        "import resource, sys\n"
        "sys.path.insert(0, %r)\n"
        "from native.test_team import *\n"
        "few = Regions(team.provide())\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2**24, resource.RLIM_INFINITY))\n"  # no more stacks
        "for _ in range(5):\n"
        "    assert few.sum(DATA, 8) == expected(DATA, 8)\n"
        "print(few.team.workers())\n"
    )
    tests = str(Path(__file__).parents[1])
    command = [sys.executable, "-c", script % tests]
    assert int(subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60).stdout) < 7


@POSIX
@pytest.mark.parametrize("way_out", ["pass", "sys.exit(0)", "thread()"])
def test_the_process_ends_though_workers_are_there(way_out):
    script = (
        "import sys, threading\n"
        "sys.path.insert(0, %r)\n"
        "from native.test_team import *\n"
        "made = Regions(team.provide())\n"
        "assert made.sum(DATA, 4) == expected(DATA, 4)\n"
        "def thread():\n"
        "    forever = lambda: made.count(1000, 4, 10**12)\n"
        "    threading.Thread(target=forever, daemon=True).start()\n"
        "%s\n"
    )
    tests = str(Path(__file__).parents[1])
    for _ in range(3):
        subprocess.run([sys.executable, "-c", script % (tests, way_out)], check=True, timeout=60)


@POSIX
def test_workers_leave_signals_to_the_main_thread(regions):
    regions.sum(DATA, 4)
    caught = []
    before = signal.signal(signal.SIGUSR1, lambda *_: caught.append(threading.current_thread()))
    try:
        for _ in range(20):
            os.kill(os.getpid(), signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert set(caught) == {threading.main_thread()}


def test_there_is_one_team():
    found = []
    threads = [threading.Thread(target=lambda: found.append(team.provide())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1
