"""Being asked to end by a signal."""

import _thread
import os
import signal
import threading
from collections.abc import Callable, Iterable


def set_when_asked(event: threading.Event, *, signals: Iterable[signal.Signals]) -> None:
    """Set `event` once one of `signals` comes; call it in the main thread.

    The signal may interrupt the wait for this very event while that holds the event's lock: whoever set it in
    the handler itself would wait for ever, hence the thread.
    """

    def hear(*_: object) -> None:
        _thread.start_new_thread(event.set, ())

    for asked in signals:
        signal.signal(asked, hear)


def leave_after(event: threading.Event, *, seconds: float, leave: Callable[[int], object] = os._exit) -> None:
    """Let this process end at once, by `leave`, when it still lives `seconds` after `event` was set.

    For ways out that lead past a server that may hang.
    """

    def wait() -> None:
        event.wait()
        threading.Event().wait(seconds)
        leave(os.EX_OK)

    threading.Thread(target=wait, name="leaving", daemon=True).start()
