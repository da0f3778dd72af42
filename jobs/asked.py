"""Being asked to end by a signal."""

import _thread
import signal
import threading
from collections.abc import Iterable


def set_when_asked(event: threading.Event, *, signals: Iterable[signal.Signals]) -> None:
    """Set `event` once one of `signals` comes; call it in the main thread.

    The signal may interrupt the wait for this very event while that holds the event's lock: whoever set it in
    the handler itself would wait for ever, hence the thread.
    """

    def hear(*_: object) -> None:
        _thread.start_new_thread(event.set, ())

    for asked in signals:
        signal.signal(asked, hear)
