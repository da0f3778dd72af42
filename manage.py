#!/usr/bin/env python
"""Put platform/ on the path and run Django's command line."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> None:
    """Run the command that the arguments name."""
    for folder in (ROOT / "platform", ROOT):
        sys.path.insert(0, str(folder))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "switchyard.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  (needs the path)
    from switchyard.env import WrongVariable  # noqa: PLC0415  (as above)

    try:
        execute_from_command_line(sys.argv)
    except WrongVariable as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
