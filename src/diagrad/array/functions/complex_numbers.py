"""Complex numbers and their parts.

The gradient of a real L with respect to z = x + iy is ∂L/∂x − i ∂L/∂y, as in JAX and HIPS autograd.
"""

from __future__ import annotations

from ... import ops
from ..align import elementwise, to_array
from ..array import Array, ArrayLike
from .creation import zeros_like
from .trigonometric import atan2, rad2deg

__all__ = [
    "angle",
    "complex",
    "conj",
    "conjugate",
    "imag",
    "real",
]


def real(x: ArrayLike, /) -> Array:
    """y = Re x; real numbers unchanged. Backward: g.

    >>> import diagrad as dg
    >>> dg.real([1 + 2j, 3])
    array([1., 3.])
    """
    x = to_array(x)
    return elementwise(ops.Real(), x) if x.dtype.kind == "c" else x


def imag(x: ArrayLike, /) -> Array:
    """y = Im x; zeros for real numbers. Backward: −i g, the gradient of a real L being ∂L/∂Re − i ∂L/∂Im.

    >>> import diagrad as dg
    >>> dg.imag([1 + 2j, 3])
    array([2., 0.])
    """
    x = to_array(x)
    return elementwise(ops.Imag(), x) if x.dtype.kind == "c" else zeros_like(x)


def conj(x: ArrayLike, /) -> Array:
    """y = Re x − i Im x; real numbers unchanged. Backward: the conjugate of g.

    >>> import diagrad as dg
    >>> dg.conj([1 + 2j, 3])
    array([1.-2.j, 3.-0.j])
    """
    x = to_array(x)
    return elementwise(ops.Conj(), x) if x.dtype.kind == "c" else x


def complex(re: ArrayLike, im: ArrayLike, /) -> Array:
    """z = re + i · im, from real arrays. Backward: Re g to re, −Im g to im.

    >>> import diagrad as dg
    >>> dg.complex([1.0, 3.0], [2.0, 0.0])
    array([1.+2.j, 3.+0.j])
    """
    return elementwise(ops.Complex(), re, im)


def angle(z: ArrayLike, /, deg: bool = False) -> Array:
    """φ = the angle of z in the plane, from −π to π; of a real number 0 or π. Backward: −i g / z, 0 at 0.

    Args:
        z: any numbers.
        deg: give degrees.

    >>> import diagrad as dg
    >>> dg.angle([1j, -1.0]), dg.angle(1j, deg=True)
    (array([1.57079633, 3.14159265]), array(90.))
    """
    z = to_array(z)
    turned = elementwise(ops.Angle(), z) if z.dtype.kind == "c" else atan2(0.0, z)
    return rad2deg(turned) if deg else turned


conjugate = conj
