"""The cache of object code: when it saves work; whatever befalls a disk is a miss and no more."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from diagrad.errors import DiagradError
from diagrad.native import cache, codegen
from diagrad.native.cache import assemble_cached, folder, limit
from diagrad.native.target import host
from forking import forks, in_a_child

POSIX = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of POSIX")


def answer(value: int) -> str:
    return f"define i64 @answer() {{\n  ret i64 {value}\n}}\n"


def run(code: bytes) -> int:
    loaded = codegen.load(code, host())
    return ctypes.CFUNCTYPE(ctypes.c_int64)(loaded.address("answer"))()


class Counted:
    """`codegen.assemble`, and how often it ran."""

    def __init__(self, monkeypatch):
        self.calls, self._assemble = 0, codegen.assemble
        monkeypatch.setattr(codegen, "assemble", self)

    def __call__(self, *args):
        self.calls += 1
        return self._assemble(*args)


@pytest.fixture
def place(tmp_path, monkeypatch):
    where = tmp_path / "kernels"
    monkeypatch.setenv("DIAGRAD_CACHE_DIR", str(where))
    for name in ("DIAGRAD_CACHE", "DIAGRAD_CACHE_SIZE"):
        monkeypatch.delenv(name, raising=False)
    return where


@pytest.fixture
def compiled(monkeypatch):
    return Counted(monkeypatch)


def files(place: Path) -> list[Path]:
    return sorted(place.iterdir()) if place.exists() else []


def test_the_second_time_nothing_is_compiled(place, compiled):
    first = assemble_cached(answer(42), host())
    second = assemble_cached(answer(42), host())
    assert compiled.calls == 1
    assert first == second
    assert run(second) == 42
    (path,) = files(place)
    assert path.suffix == ".o"


def test_all_that_decides_the_code_is_in_the_key(place, compiled, monkeypatch):
    assemble_cached(answer(1), host())
    assemble_cached(answer(2), host())
    assemble_cached(answer(1), host(), 0)
    assemble_cached(answer(1), host("scalar"))
    monkeypatch.setattr(codegen, "identity", lambda: "another LLVM")
    assemble_cached(answer(1), host())
    assert compiled.calls == len(files(place)) == 5


def test_the_identity_names_versions_and_system():
    words = codegen.identity()
    digest = hashlib.blake2b(Path(codegen.__file__).read_bytes(), digest_size=8).hexdigest()
    assert words.endswith(f"diagrad {digest}")  # how LLVM is called; all else stands in the text
    assert "llvmlite 0." in words
    assert "LLVM (" in words


@POSIX
def test_only_the_user_can_read_and_write_it(place):
    assemble_cached(answer(1), host())
    assert place.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files(place))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:],
        lambda data: bytes([data[0] ^ 1]) + data[1:],
        lambda data: b"not object code at all",
    ],
    ids=["empty", "no code", "cut short", "too long", "a bit of code", "a bit of the digest", "a text"],
)
def test_a_damaged_file_is_compiled_again_and_repaired(place, compiled, damage):
    whole = assemble_cached(answer(7), host())
    (path,) = files(place)
    data = path.read_bytes()
    path.write_bytes(damage(data))
    assert assemble_cached(answer(7), host()) == whole
    assert compiled.calls == 2
    assert path.read_bytes() == data
    assert assemble_cached(answer(7), host()) == whole
    assert compiled.calls == 2


def test_a_file_under_another_name_is_a_miss(place, compiled):
    assemble_cached(answer(1), host())
    (first,) = files(place)
    assemble_cached(answer(2), host())
    (second,) = set(files(place)) - {first}
    second.write_bytes(first.read_bytes())
    assert run(assemble_cached(answer(2), host())) == 2
    assert compiled.calls == 3


@POSIX
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_can_write_is_not_used(place, compiled, mode):
    assemble_cached(answer(1), host())
    place.chmod(mode)
    assert run(assemble_cached(answer(1), host())) == 1
    assert run(assemble_cached(answer(2), host())) == 2
    assert compiled.calls == 3
    assert len(files(place)) == 1


@POSIX
def test_a_file_that_others_can_write_is_not_used(place, compiled):
    assemble_cached(answer(1), host())
    (path,) = files(place)
    path.chmod(0o666)
    assert run(assemble_cached(answer(1), host())) == 1
    assert compiled.calls == 2
    (path,) = files(place)
    assert path.stat().st_mode & 0o777 == 0o600


@POSIX
def test_the_folder_of_another_user_is_not_used(place, compiled, monkeypatch):
    assemble_cached(answer(1), host())
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    assert run(assemble_cached(answer(1), host())) == 1
    assemble_cached(answer(2), host())
    assert compiled.calls == 3
    assert len(files(place)) == 1


def test_no_folder_can_be_made(place, compiled, monkeypatch):
    place.write_text("a file where the folder should be")
    assert run(assemble_cached(answer(1), host())) == 1
    monkeypatch.setenv("DIAGRAD_CACHE_DIR", str(place / "below"))
    assert run(assemble_cached(answer(1), host())) == 1
    assert compiled.calls == 2


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_a_full_or_read_only_disk(place, compiled, monkeypatch, error):
    assemble_cached(answer(1), host())

    def refuse(*args, **options):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(cache.os, "replace", refuse)
    monkeypatch.setattr(cache.os, "utime", refuse)
    assert run(assemble_cached(answer(2), host())) == 2
    assert run(assemble_cached(answer(1), host())) == 1
    assert compiled.calls == 2
    assert len(files(place)) == 1  # nothing unfinished stays
    monkeypatch.setattr(cache.os, "open", refuse)
    assert run(assemble_cached(answer(3), host())) == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is full")
def test_a_disk_that_fills_up_while_a_file_is_written(place, compiled, monkeypatch):
    assemble_cached(answer(1), host())
    make = os.open

    def on_a_full_device(path, flags, mode):
        os.close(make(path, flags, mode))
        return make("/dev/full", os.O_WRONLY)

    monkeypatch.setattr(cache.os, "open", on_a_full_device)
    assert run(assemble_cached(answer(2), host())) == 2
    assert len(files(place)) == 1


def test_an_interrupt_leaves_nothing_behind(place, monkeypatch):
    assemble_cached(answer(1), host())

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(cache.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        assemble_cached(answer(2), host())
    assert len(files(place)) == 1


def test_off(place, compiled, monkeypatch):
    monkeypatch.setenv("DIAGRAD_CACHE", "0")
    for _ in range(2):
        assert run(assemble_cached(answer(1), host())) == 1
    assert compiled.calls == 2
    assert not place.exists()


def test_what_was_not_used_for_longest_goes_first(place, compiled, monkeypatch):
    size = len(assemble_cached(answer(0), host())) + 32
    monkeypatch.setenv("DIAGRAD_CACHE_SIZE", str(8 * size))
    for value in range(1, 8):
        assemble_cached(answer(value), host())
    assert len(files(place)) == 8
    for at, path in enumerate(sorted(place.iterdir(), key=lambda path: path.stat().st_mtime_ns)):
        os.utime(path, (at, at))
    compiled.calls = 0
    assemble_cached(answer(1), host())  # a use makes it the youngest
    assemble_cached(answer(8), host())
    assert compiled.calls == 1
    assert len(files(place)) == 6  # three quarters of the room
    for value in (1, 8, 7, 6, 5, 4):
        assemble_cached(answer(value), host())
    assert compiled.calls == 1
    assemble_cached(answer(0), host())
    assert compiled.calls == 2


def test_code_larger_than_the_cache_is_not_kept(place, compiled, monkeypatch):
    monkeypatch.setenv("DIAGRAD_CACHE_SIZE", "100")
    assert run(assemble_cached(answer(1), host())) == 1
    assert files(place) == []


def test_the_folder_is_looked_through_once_in_sixteen_writes(place, monkeypatch):
    looks = []
    monkeypatch.setattr(cache, "_evict", lambda *args: looks.append(args))
    monkeypatch.setattr(codegen, "assemble", lambda *args: b"code")
    for value in range(160):
        assemble_cached(answer(value), host())
    assert 1 <= len(looks) <= 30
    assert len(looks) == sum(path.name[0] == "0" for path in files(place))


def test_what_a_process_that_died_left_is_deleted(place, monkeypatch):
    monkeypatch.setenv("DIAGRAD_CACHE_SIZE", "8K")  # so small that every write looks through the folder
    assemble_cached(answer(1), host())
    old, new = place / "dead.part", place / "alive.part"
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    os.utime(old, (0, 0))
    other = place / "of-someone-else.txt"
    other.write_text("stays")
    os.utime(other, (0, 0))
    assemble_cached(answer(2), host())
    assert not old.exists()
    assert new.exists()
    assert other.exists()


def test_several_threads_at_once(place):
    texts = [answer(value) for value in range(8)] * 4
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda text: assemble_cached(text, host()), texts))
    assert [run(code) for code in codes] == list(range(8)) * 4
    assert len(files(place)) == 8


def test_several_processes_at_once(place):
    script = (
        "import sys\n"
        "from diagrad.native.cache import assemble_cached\n"
        "from diagrad.native.target import host\n"
        "for _ in range(20):\n"
        "    for value in range(5):\n"
        "        code = assemble_cached('define i64 @answer() {\\n  ret i64 %d\\n}\\n' % value, host())\n"
        "        sys.stdout.write(str(hash(code) is not None)[0])\n"
    )
    room = {**os.environ, "DIAGRAD_CACHE_SIZE": "2500"}  # room for two: they also delete each other's files
    processes = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", script], env=room, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [process.communicate(timeout=120)[0] for process in processes] == [b"T" * 100] * 3
    assert not [path for path in files(place) if path.suffix == ".part"]
    for value in range(5):
        assert run(assemble_cached(answer(value), host())) == value


def test_the_folder_of_each_platform(monkeypatch):
    monkeypatch.setattr(cache.sys, "platform", "linux")
    monkeypatch.setenv("HOME", "/home/me")
    assert folder({}) == Path("/home/me/.cache/diagrad/native")
    assert folder({"XDG_CACHE_HOME": "/x"}) == Path("/x/diagrad/native")
    assert folder({"XDG_CACHE_HOME": "x"}) == Path("/home/me/.cache/diagrad/native")
    assert folder({"DIAGRAD_CACHE_DIR": "~/mine"}) == Path("/home/me/mine")
    monkeypatch.setattr(cache.sys, "platform", "darwin")
    assert folder({"XDG_CACHE_HOME": "/x"}) == Path("/home/me/Library/Caches/diagrad/native")
    monkeypatch.setattr(cache.sys, "platform", "win32")
    assert folder({"LOCALAPPDATA": "/local"}) == Path("/local/diagrad/Cache/native")
    assert folder({}) is None


@pytest.mark.parametrize("said", ["much", "-1", "1.5G", "10T", "M", "2 Q"])
def test_a_size_that_is_none(place, monkeypatch, said):
    monkeypatch.setenv("DIAGRAD_CACHE_SIZE", said)
    with pytest.raises(DiagradError, match="DIAGRAD_CACHE_SIZE is no size") as caught:
        assemble_cached(answer(1), host())
    assert f"got:      {said!r}" in str(caught.value)
    assert "DIAGRAD_CACHE=0" in str(caught.value)


def test_sizes():
    sizes = {"1000": 1000, "64k": 2**16, "2 MB": 2**21, "1G": 2**30, "0": 0}
    assert {said: limit({"DIAGRAD_CACHE_SIZE": said}) for said in sizes} == sizes


@forks
def test_a_child_of_a_fork_while_another_thread_compiles(place):
    stop = threading.Event()

    def work():
        value = 100
        while not stop.is_set():
            codegen.assemble(answer(value), host())

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for value in range(10):
            assert in_a_child(lambda value=value: run(assemble_cached(answer(value), host()))) == value
    finally:
        stop.set()
        thread.join()
