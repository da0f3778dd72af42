#!/usr/bin/env python
"""Put platform/ on the path and run Django's command line."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended."""


def main() -> None:
    """Run the command that the arguments name."""
    for folder in (ROOT / "platform", ROOT):
        sys.path.insert(0, str(folder))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "switchyard.settings")
    try:
        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def run() -> None:
    """Run the command, or say which variable of the environment cannot work."""
    from django.core.management import execute_from_command_line  # noqa: PLC0415  (needs the path)
    from switchyard.env import WrongVariable  # noqa: PLC0415  (as above)

    try:
        execute_from_command_line(sys.argv)
    except WrongVariable as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
