"""Losses: how wrong predictions are. Each is a number for each element or row, and then their mean."""

from . import classification, distributions, margin, regression, similarity
from .classification import *
from .distributions import *
from .margin import *
from .regression import *
from .similarity import *

__all__: list[str] = []
__all__ += classification.__all__
__all__ += distributions.__all__
__all__ += margin.__all__
__all__ += regression.__all__
__all__ += similarity.__all__
