"""`make run`: hears Ctrl-C, TERM and a closed terminal from its first lines on, then runs the yard.

With a command of `manage.py`, as `make restore` has one, nothing but the yard's database runs beside that.
"""

import contextlib
import os
import signal
import sys
from pathlib import Path

WISHES_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end(*_: object) -> None:
    """End at once: until the yard itself listens, nothing is started."""
    with contextlib.suppress(OSError):
        os.write(sys.stdout.fileno(), b"Ended before anything was started.\n")
    os._exit(os.EX_OK)


def main() -> None:
    """Listen, and only then import: that takes a second or more."""
    for wish in WISHES_TO_END:
        signal.signal(wish, end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WISHES_TO_END)  # the Makefile kept them back until now
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from switchyard.yard import __main__ as yard  # noqa: PLC0415  (see above)

    from jobs.quitting import quit_at_once  # noqa: PLC0415  (see above)

    quit_at_once(yard.main(*sys.argv[1:]))


if __name__ == "__main__":
    main()
