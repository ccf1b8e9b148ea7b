"""The command: see the package's docstring."""

from __future__ import annotations

import argparse
import warnings

from . import __doc__ as about
from .page import PAGE, page

parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--write", action="store_true", help="write docs/operations.md")
parser.add_argument("--why", action="store_true", help="say what is behind each cell that is not yes")
given = parser.parse_args()
warnings.simplefilter("ignore")
text = page(given.why)
if given.write:
    PAGE.write_text(text, encoding="utf-8")
else:
    print(text)
