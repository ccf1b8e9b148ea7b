"""The command ``diagrad``: draw an expression, draw the gallery, run the demo.

Exit codes: 0 done, 1 an input or a file is wrong (the message says what and how to mend it), 2 the command
itself is wrong, 130 interrupted by Ctrl-C, 141 whoever read the output closed it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..errors import DiagradError

__all__ = ["main"]

INTERRUPTED, CLOSED = 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: the words behind ``diagrad``; by default those of this process.

    Returns:
        The exit code. Errors are printed, not raised.

    >>> main(["--version"])
    diagrad 0.1.0
    0
    """
    from .parser import build_parser
    from .terminal import close_output, complain, use_utf8

    use_utf8()
    try:
        options = build_parser().parse_args(argv)
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except SystemExit as stop:  # argparse has printed help, the version or what is wrong
        return stop.code if isinstance(stop.code, int) else 0
    except DiagradError as error:
        complain(error)
        return 1
    except KeyboardInterrupt:
        print("\ndiagrad: stopped; the files written so far are kept", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        close_output()
        return CLOSED
