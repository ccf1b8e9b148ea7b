"""Random numbers as functions of a key: a graph that is run with another key gives others.

A key is two unsigned 32-bit integers. Nothing here has a state or a derivative with respect to the key. The
functions of :mod:`diagrad.random` make distributions of these, which have derivatives with respect to their
parameters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DTypeError, ShapeError
from ..ir import DType, Glyph, Names, Notation, Op, Rule, Sample, Shape
from ..ir.dtype import from_short
from .sorting import search
from .threefry import random_bits, random_uniform, split, threefry2x32

__all__ = [
    "FoldIn", "RandomBits", "RandomChoice", "RandomIntegers", "RandomPermutation", "RandomUniform",
    "SplitKey",
]  # fmt: skip

_KEY = np.array([[0x13198A2E, 0x03707344], [0, 42]], np.uint32)


@dataclass(frozen=True)
class Keyed(Op):
    """An op of a key[... 2]. Leading axes stand for several keys."""

    kinds = "u"
    differentiable = False

    def batched(self, n: int) -> Op | None:
        return self

    def drawn(self) -> Shape:
        """The shape of what one key gives."""
        raise NotImplementedError

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        *lead, words = shapes[0] or (0,)
        if words != 2:
            raise ShapeError(
                f"{self.name}: this is no key",
                expected="key[... 2]",
                got=f"key{shapes[0]}",
                fix="make one with dg.random.key(seed); of several, as split gives them, take one",
            )
        return ((*lead, *self.drawn()),)

    def dtype(self, *dtypes: DType) -> DType:
        if dtypes[0] != np.uint32:
            raise DTypeError(
                f"{self.name}: this is no key",
                expected="two unsigned 32-bit integers",
                got=f"dtype {dtypes[0]}",
                fix="make one with dg.random.key(seed)",
            )
        return self.gives()

    def gives(self) -> DType:
        """The dtype of what is drawn."""
        return np.dtype(np.uint32)

    @classmethod
    def given(cls, *ops: Op) -> tuple[Sample, ...]:
        """Each op with one key, then the first with two."""
        one = [Sample(op, ((2,),), given={0: _KEY[0]}) for op in ops]
        return (*one, Sample(ops[0], ((2, 2),), given={0: _KEY}))


@dataclass(frozen=True)
class RandomBits(Keyed):
    """y = unsigned integers, every bit random: Threefry-2x32 of the key and each element's number."""

    size: Shape
    to: str = "u32"

    signature = "key -> y"
    glyph = Glyph("random bits")
    notation = Notation("bits({key})")
    names = Names("", "", "random_bits")

    def forward(self, key: Rule) -> Rule:
        width = 8 * from_short(self.to).itemsize
        return random_bits(key, math.prod(self.size), width).reshape((*key.shape[:-1], *self.size))[()]

    def drawn(self) -> Shape:
        return self.size

    def gives(self) -> DType:
        return from_short(self.to)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return cls.given(*(cls((2, 3), to) for to in ("u32", "u8", "u64")))


@dataclass(frozen=True)
class RandomUniform(Keyed):
    """y = floating-point numbers in [0, 1), evenly: the bits of the mantissa are random."""

    size: Shape
    to: str = "f64"

    signature = "key -> y"
    glyph = Glyph("uniform")
    notation = Notation("uniform({key})")
    names = Names("RandomUniform", "aten.rand", "random_bits")

    def forward(self, key: Rule) -> Rule:
        y = random_uniform(key, math.prod(self.size), from_short(self.to))
        return y.reshape((*key.shape[:-1], *self.size))[()]

    def drawn(self) -> Shape:
        return self.size

    def gives(self) -> DType:
        return from_short(self.to)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return cls.given(cls((2, 3)), cls((4,), "f32"), cls((), "f16"))


@dataclass(frozen=True)
class SplitKey(Keyed):
    """keys = ``n`` keys, each independent of the others and of the numbers that the key gives elsewhere."""

    n: int

    signature = "key -> keys"
    glyph = Glyph("split ×{n}")
    notation = Notation("split({key})")
    names = Names("", "", "random_split")

    def forward(self, key: Rule) -> Rule:
        return split(key, self.n)

    def drawn(self) -> Shape:
        return (self.n, 2)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return cls.given(cls(3))


class FoldIn(Keyed):
    """y = another key, made of a key and a number: the number of a step, a layer, a machine."""

    signature = "key, data -> y"
    glyph = Glyph("fold in")
    notation = Notation("fold({key}, {data})")
    names = Names("", "", "random_fold_in")

    def forward(self, key: Rule, data: Rule) -> Rule:
        low = np.asarray(data, np.uint32)[..., None]
        return np.concatenate(threefry2x32(key, np.zeros_like(low), low), -1)

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        return self.ports.parse("key[... 2], data[...] -> y[... 2]").infer(self.name, shapes, {"2": 2})

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        seven, two = np.array(7, np.uint32), np.array([1, 2], np.uint32)
        one = Sample(cls(), ((2,), ()), given={0: _KEY[0], 1: seven})
        return one, Sample(cls(), ((2, 2), (2,)), given={0: _KEY, 1: two})


@dataclass(frozen=True)
class RandomIntegers(Keyed):
    """y = integers from ``low`` to ``high`` − 1, evenly: twice their bits, modulo how many there are."""

    size: Shape
    low: int
    high: int
    to: str = "i64"

    signature = "key -> y"
    glyph = Glyph("integers")
    notation = Notation("integers({key})")
    names = Names()

    def forward(self, key: Rule) -> Rule:
        width = max(32, 8 * from_short(self.to).itemsize)
        two = split(key, 2)
        upper, lower = (random_bits(two[..., at, :], math.prod(self.size), width) for at in range(2))
        return self.between(upper, lower).reshape((*key.shape[:-1], *self.size))[()]

    def between(self, upper: Rule, lower: Rule) -> Rule:
        """Integers of two random words each."""
        width = 8 * lower.dtype.itemsize
        unsigned, count = lower.dtype.type, self.high - self.low
        if count < 1 << width:
            half = (1 << width // 2) % count
            factor = unsigned(half * half % (1 << width) % count)  # 2^width modulo count; 0 if that is long
            lower = (upper % unsigned(count) * factor + lower % unsigned(count)) % unsigned(count)
        y = lower + unsigned(self.low % (1 << width))
        return y.astype(from_short(self.to))

    def drawn(self) -> Shape:
        return self.size

    def gives(self) -> DType:
        return from_short(self.to)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return cls.given(cls((5,), -3, 9), cls((2, 2), 0, 100, "i32"), cls((3,), 0, 256, "u8"))


@dataclass(frozen=True)
class RandomPermutation(Keyed):
    """i = the integers 0 to ``n`` − 1 in random order: sorted by random bits, several times if long."""

    n: int

    signature = "key -> i"
    glyph = Glyph("permutation")
    notation = Notation("permutation({key})")
    names = Names("", "aten.randperm", "")

    def forward(self, key: Rule) -> Rule:
        i = np.broadcast_to(np.arange(self.n), (*key.shape[:-1], self.n))
        rounds = math.ceil(3 * math.log(max(1, self.n)) / math.log(0xFFFFFFFF))
        for _ in range(rounds):
            two = split(key, 2)
            key = two[..., 0, :]
            order = np.argsort(random_bits(two[..., 1, :], self.n, 32), axis=-1, kind="stable")
            i = np.take_along_axis(i, order, -1)
        return i

    def drawn(self) -> Shape:
        return (self.n,)

    def gives(self) -> DType:
        return np.dtype(np.intp)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        return cls.given(cls(5), cls(1))


@dataclass(frozen=True)
class RandomChoice(Keyed):
    """i = indices drawn with probabilities p[n]: where uniform numbers fall in their running sums; without
    replacement the largest of ln p + Gumbel noise (Kool, van Hoof & Welling 2019).
    """

    size: Shape
    replace: bool = True

    signature = "key, p -> i"
    glyph = Glyph("choice")
    notation = Notation("choice({key}, {p})")
    names = Names("", "aten.multinomial", "")

    def forward(self, key: Rule, p: Rule) -> Rule:
        if self.replace:
            sums = p.cumsum(-1)
            at = sums[..., -1:] * (1 - random_uniform(key, math.prod(self.size), p.dtype))
            return search(sums, at).reshape((*key.shape[:-1], *self.size))[()]
        with np.errstate(divide="ignore"):
            tiny = np.finfo(p.dtype).tiny
            u = random_uniform(key, p.shape[-1], p.dtype)
            noise = -np.log(-np.log(np.maximum(tiny, u * (p.dtype.type(1) - tiny) + tiny)))
            order = np.argsort(-(noise + np.log(p)), kind="stable")
        return order[..., : math.prod(self.size)].reshape((*key.shape[:-1], *self.size))[()]

    def drawn(self) -> Shape:
        return self.size

    def shape(self, *shapes: Shape) -> tuple[Shape, ...]:
        self.ports.parse("key[... 2], p[... n] -> i[...]").infer(self.name, shapes, {"2": 2})
        return super().shape(*shapes)

    def gives(self) -> DType:
        return np.dtype(np.intp)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        p: Any = (0.1, 0.0, 0.6, 0.3)
        one, two = {0: _KEY[0], 1: np.array(p)}, {0: _KEY, 1: np.array((p, p[::-1]))}
        ops = cls((5,)), cls((2,), False)
        return (
            *(Sample(op, ((2,), (4,)), given=one) for op in ops),
            *(Sample(op, ((2, 2), (2, 4)), given=two) for op in ops),
        )
