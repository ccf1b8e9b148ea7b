"""How many threads: what the user says, the affinity, the cores, and the control groups."""

from __future__ import annotations

import pytest

from diagrad.errors import DiagradError
from diagrad.native import cores
from diagrad.native.cores import allowed, default_threads


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A machine of eight cores with files of its own."""
    monkeypatch.setattr(cores, "affinity", lambda: set(range(8)))

    def put(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return allowed(str(tmp_path))

    return put


TOPOLOGY = "sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"


def test_no_files_at_all(system):
    assert system({}) == 8


def test_two_hardware_threads_of_a_core_are_one(system):
    assert system({TOPOLOGY.format(cpu): f"{cpu % 4},{cpu % 4 + 4}\n" for cpu in range(8)}) == 4


def test_affinity_counts_before_cores(system, monkeypatch):
    monkeypatch.setattr(cores, "affinity", lambda: {1, 5, 6})
    assert system({TOPOLOGY.format(cpu): f"{cpu % 4},{cpu % 4 + 4}\n" for cpu in range(8)}) == 2


@pytest.mark.parametrize(
    ("quota", "threads"),
    [
        ("max 100000", 8),
        ("300000 100000", 3),
        ("250000 100000", 2),
        ("50000 100000", 1),
        ("9900000 100000", 8),
    ],
)
def test_control_groups_of_the_second_version(system, quota, threads):
    assert system({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": quota + "\n"}) == threads


def test_a_group_around_the_group_has_a_say(system):
    files = {
        "proc/self/cgroup": "0::/slice/job/step\n",
        "sys/fs/cgroup/slice/cpu.max": "200000 100000\n",
        "sys/fs/cgroup/slice/job/cpu.max": "max 100000\n",
        "sys/fs/cgroup/slice/job/step/cpu.max": "500000 100000\n",
    }
    assert system(files) == 2


@pytest.mark.parametrize(("quota", "threads"), [("-1", 8), ("400000", 4)])
def test_control_groups_of_the_first_version(system, quota, threads):
    files = {
        "proc/self/cgroup": "5:memory:/x\n3:cpu,cpuacct:/box\n0::/\n",
        "sys/fs/cgroup/cpu/box/cpu.cfs_quota_us": quota + "\n",
        "sys/fs/cgroup/cpu/box/cpu.cfs_period_us": "100000\n",
    }
    assert system(files) == threads


def test_files_that_say_something_else(system):
    assert system({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "a lot\n"}) == 8
    assert system({"sys/fs/cgroup/cpu.max": "100000 0\n"}) == 8


def test_this_machine():
    assert 1 <= allowed() <= len(cores.affinity())


@pytest.mark.parametrize(
    ("ours", "common", "threads"),
    [
        ("3", None, 3),
        ("3", "2", 3),
        (None, "2", 2),
        (None, "4,2", 4),
        (None, "many", None),
        (None, "0", None),
    ],
)
def test_what_the_user_says(monkeypatch, ours, common, threads):
    for name, value in (("DIAGRAD_NUM_THREADS", ours), ("OMP_NUM_THREADS", common)):
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
    assert default_threads() == (threads or allowed())


@pytest.mark.parametrize("said", ["0", "-1", "two", "1.5"])
def test_what_is_no_number_of_threads(monkeypatch, said):
    monkeypatch.setenv("DIAGRAD_NUM_THREADS", said)
    with pytest.raises(DiagradError, match="DIAGRAD_NUM_THREADS is not a number of threads") as caught:
        default_threads()
    assert f"got:      {said!r}" in str(caught.value)
