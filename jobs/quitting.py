"""Quitting: the end of a process without what the interpreter does before it."""

import logging
import os
import sys
import threading
from collections.abc import Callable


def quit_at_once(code: int) -> None:
    """End this process now, with the exit code `code`.

    The interpreter would first take apart all that it holds, which took up to two seconds on a busy machine
    and leads nowhere: what must be said to servers was said, or they hang.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def quit_after(
    event: threading.Event, *, seconds: float, leave: Callable[[int], object] = quit_at_once
) -> None:
    """Let this process end, by `leave`, when it still lives `seconds` after `event` was set.

    For ways out that lead past a server that may hang.
    """

    def wait() -> None:
        event.wait()
        threading.Event().wait(seconds)
        leave(os.EX_OK)

    threading.Thread(target=wait, name="quitting", daemon=True).start()
