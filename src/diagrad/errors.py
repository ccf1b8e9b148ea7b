"""Every error diagrad raises on purpose.

::

    DiagradError
    ├── GraphError (ValueError)          a graph that breaks its own rules
    │   └── ParseError                   a printed graph that cannot be read back
    ├── ShapeError (ValueError)          shapes disagree with an op's signature
    ├── DTypeError (TypeError)           an op cannot take this dtype
    ├── StructureError (TypeError)       lists, tuples and dicts of arrays that do not match
    ├── DifferentiationError (RuntimeError)
    │   ├── NotScalarError               backward from a non-scalar without an upstream gradient
    │   ├── NotDifferentiableError       a gradient asked through an op that has none
    │   └── RepeatedBackwardError        backward a second time through the same graph
    ├── GradientMismatchError (AssertionError)  an analytic gradient that finite differences refute
    ├── TraceError (TypeError)           a traced array was asked for a number
    ├── ExpressionError (ValueError)     an expression that is not one of ours
    ├── InputError (ValueError)          an input that cannot be read
    └── OutputError (OSError)            a file that cannot be written

Each also derives from the built-in class that a NumPy user would catch. A message says *what* went
wrong, *where*, what was *expected*, what was *got*, and the *fix*.
"""

from __future__ import annotations


class DiagradError(Exception):
    """Base of all of diagrad's errors.

    Args:
        what: one line that says what went wrong; names the op or the file.
        where: the user's line, ``file:line, in function: text``.
        expected: what would have been right.
        got: what was there instead.
        fix: what to do about it.

    >>> print(DiagradError("it broke", expected="a", got="b", fix="use a"))
    it broke
      expected: a
      got:      b
      fix:      use a
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        got: str | None = None,
        fix: str | None = None,
    ) -> None:
        self.what, self.where, self.expected, self.got, self.fix = what, where, expected, got, fix
        super().__init__(what)

    def __str__(self) -> str:
        parts = (("where", self.where), ("expected", self.expected), ("got", self.got), ("fix", self.fix))
        rows = (f"\n  {label + ':':<10}{text}" for label, text in parts if text)
        return self.what + "".join(rows)


class GraphError(DiagradError, ValueError):
    """A graph breaks its own rules: a cycle, a value without a producer, two producers."""


class ParseError(GraphError):
    """A printed graph cannot be read back."""


class ShapeError(DiagradError, ValueError):
    """The shapes of an op's inputs disagree with its signature."""


class OutOfRangeError(ShapeError, IndexError):
    """An index lies outside its axis, or there are more indices than axes."""


class DTypeError(DiagradError, TypeError):
    """An op cannot take this dtype."""


class StructureError(DiagradError, TypeError):
    """Lists, tuples and dicts of arrays that should match and do not: a loop's carry, branches' results."""


class DifferentiationError(DiagradError, RuntimeError):
    """A derivative that cannot be taken as asked."""


class NotScalarError(DifferentiationError):
    """``backward()`` from a value that is not a scalar, without an upstream gradient."""


class NotDifferentiableError(DifferentiationError):
    """A gradient is asked through an op or a dtype that has none."""


class RepeatedBackwardError(DifferentiationError):
    """``backward()`` runs a second time through a graph that has already been swept."""


class GradientMismatchError(DiagradError, AssertionError):
    """``check_gradients``: an analytic gradient is not the one that finite differences give."""


class TraceError(DiagradError, TypeError):
    """A traced array, which has a shape but no numbers, was asked for its numbers."""


class ExpressionError(DiagradError, ValueError):
    """An expression uses something that is not one of diagrad's operations."""


class InputError(DiagradError, ValueError):
    """An input cannot be read or does not hold an array."""


class OutputError(DiagradError, OSError):
    """A file cannot be written. Nothing half-written stays behind."""
