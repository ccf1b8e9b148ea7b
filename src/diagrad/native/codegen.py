"""From LLVM assembly to machine code: the one place that talks to llvmlite."""

from __future__ import annotations

import os
import threading
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from .target import Target

__all__ = ["Code", "assemble", "define", "identity", "load"]

_LOCK = threading.RLock()
"""llvmlite's objects are not safe to use from several threads."""

if hasattr(os, "register_at_fork"):  # or a child could inherit it locked by a thread that it does not have
    os.register_at_fork(before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release)


def assemble(text: str, target: Target, effort: int = 2) -> bytes:
    """The object code of a module.

    Args:
        text: LLVM assembly.
        target: the machine.
        effort: 0 to 3, as a C compiler's ``-O``. What is written is optimised already, loops and vectors
            included: the passes here keep variables in registers, share common terms and hoist.
    """
    with _LOCK:
        return _assemble(text, target, effort)


def _assemble(text: str, target: Target, effort: int) -> bytes:
    """The work of :func:`assemble`: a function, so that all of LLVM's objects go while the lock is held."""
    llvm = _binding()
    machine = _machine(target, effort)
    module = llvm.parse_assembly(text)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    if effort:
        builder = llvm.create_pass_builder(machine, llvm.PipelineTuningOptions(speed_level=effort))
        passes = llvm.ModulePassManager()
        passes.add_always_inliner_pass()
        passes.add_sroa_pass()
        passes.add_simplify_cfg_pass()
        passes.add_instruction_combine_pass()
        passes.add_new_gvn_pass()
        passes.add_global_dead_code_eliminate_pass()
        passes.run(module, builder)
    return machine.emit_object(module)


@cache
def identity() -> str:
    """What decides object code besides text and target: versions, the system, and this file."""
    import llvmlite

    llvm = _binding()
    try:
        ours = blake2b(Path(__file__).read_bytes(), digest_size=8).hexdigest()
    except OSError:  # a package without sources
        from importlib import metadata

        ours = metadata.version("diagrad")
    versions = f"llvmlite {llvmlite.__version__}, LLVM {llvm.llvm_version_info}"
    return f"{versions}, {llvm.get_default_triple()}, diagrad {ours}"


class Code:
    """Object code in memory, alive as long as this is."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def address(self, name: str) -> int:
        """The address of a function.

        Raises:
            KeyError: there is no such function.
        """
        found: int = self._engine.get_function_address(name)
        if not found:
            raise KeyError(name)
        return found

    def keep(self) -> None:
        """Let it live as long as the process: threads may run it while Python shuts down."""
        self._engine.detach()


def define(name: str, address: int) -> None:
    """Give a name to an address, for code that is loaded from now on: :func:`load` links calls of it."""
    with _LOCK:
        _binding().add_symbol(name, address)


def load(code: bytes, target: Target) -> Code:
    """Object code, linked with what it calls, ready to run."""
    with _LOCK:
        return Code(_link(code, target))


def _link(code: bytes, target: Target) -> Any:
    llvm = _binding()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine(target, 2))
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


def _binding() -> Any:
    """llvmlite's interface to LLVM, loaded when code is first made; it has no types."""
    import llvmlite.binding

    return llvmlite.binding


@cache
def _ready() -> None:
    llvm = _binding()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _machine(target: Target, effort: int) -> Any:
    _ready()
    return (
        _binding()
        .Target.from_default_triple()
        .create_target_machine(
            cpu=target.cpu,
            features=target.features,
            opt=effort,
            reloc="pic",
            codemodel="jitdefault",
            jit=True,
        )
    )
