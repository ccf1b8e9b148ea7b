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
    ├── LinearAlgebraError (numpy.linalg.LinAlgError)
    │   ├── SingularMatrixError          a matrix that has no inverse
    │   ├── NotPositiveDefiniteError     a matrix that has no Cholesky factor
    │   └── ConvergenceError             an iteration of LAPACK's that found nothing
    ├── NonFiniteError (FloatingPointError)  debug(): NaN or infinity, and where it came from
    ├── TraceError (TypeError)           a traced array was asked for a number
    ├── ExpressionError (ValueError)     an expression that is not one of ours
    ├── InputError (ValueError)          an input that cannot be read
    └── OutputError (OSError)            a file that cannot be written

Each also derives from the built-in class that a NumPy user would catch. A message says *what* went
wrong, *where*, what was *expected*, what was *got*, and the *fix*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


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

    def rows(self) -> tuple[tuple[str, str | None], ...]:
        """What stands below the first line, each with its label."""
        return ("where", self.where), ("expected", self.expected), ("got", self.got), ("fix", self.fix)

    def __str__(self) -> str:
        rows = (f"\n  {label + ':':<10}{text}" for label, text in self.rows() if text)
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


class LinearAlgebraError(DiagradError, np.linalg.LinAlgError):
    """A matrix for which what was asked does not exist, or was not found."""


class SingularMatrixError(LinearAlgebraError):
    """A matrix has no inverse."""


class NotPositiveDefiniteError(LinearAlgebraError):
    """A matrix has no Cholesky factor: an eigenvalue is not positive."""


class ConvergenceError(LinearAlgebraError):
    """Eigenvalues or singular values were not found: as a rule the matrix holds NaN or infinity."""


class NonFiniteError(DiagradError, FloatingPointError):
    """``debug()``: a value or a gradient is NaN or infinite; the text says where that began and why.

    Args:
        what: the gradient or value, and the node where it began.
        where: the user's line of that node.
        inputs: the node's inputs, their shapes and ranges.
        reason: why, with the numbers put in.
        path: from that node to where it was noticed.
        reached: the gradients that are not finite because of it.
        fix: the usual mend.
        picture: gives the path as a figure.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None,
        inputs: str,
        reason: str,
        path: str,
        reached: str,
        fix: str,
        picture: Callable[[], Any],
    ) -> None:
        super().__init__(what, where=where, fix=fix)
        self.inputs, self.reason, self.path, self.reached = inputs, reason, path, reached
        self.draw = picture

    def rows(self) -> tuple[tuple[str, str | None], ...]:
        rows = (
            ("where", self.where),
            ("inputs", self.inputs),
            ("reason", self.reason),
            ("path", self.path),
            ("reaches", self.reached),
            ("fix", self.fix),
        )
        return tuple((label, text and text.replace("\n", "\n" + " " * 12)) for label, text in rows)


class TraceError(DiagradError, TypeError):
    """A traced array, which has a shape but no numbers, was asked for its numbers."""


class ExpressionError(DiagradError, ValueError):
    """An expression uses something that is not one of diagrad's operations."""


class InputError(DiagradError, ValueError):
    """An input cannot be read or does not hold an array."""


class OutputError(DiagradError, OSError):
    """A file cannot be written. Nothing half-written stays behind."""
