"""The replays' place in Django: codes are stamped when their verb begins, mailings cut as told."""

import os
import time
from functools import wraps

from django.apps import AppConfig
from django.conf import settings


class ReplayConfig(AppConfig):
    """Stamps codes where there is a file for it, and cuts mailings smaller where that is asked for."""

    name = "tests.benchmarks.stage.replay"

    def ready(self) -> None:
        """Write down each code's id and time before its verb does anything."""
        from emails import codes, ledger  # noqa: PLC0415  (models must be loaded)

        ledger.PART_RECIPIENTS = settings.REPLAY_PART_RECIPIENTS or ledger.PART_RECIPIENTS
        if not settings.REPLAY_STAMPS:
            return
        file = os.open(settings.REPLAY_STAMPS, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        send = codes.send_code

        @wraps(send)
        def stamped(*, code_id: int) -> None:
            os.write(file, f"{code_id} {time.time():.6f}\n".encode())
            send(code_id=code_id)

        codes.send_code = stamped
