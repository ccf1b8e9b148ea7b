"""``python -m diagrad``: the same as the command ``diagrad``."""

from .cli import main

if __name__ == "__main__":
    raise SystemExit(main())
