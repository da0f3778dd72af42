"""Asking the yard's programs whether they answer."""

import http.client
import socket
from datetime import datetime

from switchyard.yard.ports import LOOPBACK

ANSWER_SECONDS = 2


def page_answers(*, port: int, path: str) -> bool:
    """Say whether `path` on `port` answers 200."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def mail_answers(*, port: int) -> bool:
    """Say whether a mail server greets on `port`."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=ANSWER_SECONDS) as connection:
            greeting = connection.recv(512)
            connection.sendall(b"QUIT\r\n")
    except OSError:
        return False
    return greeting.startswith(b"220")


def all_lanes_answer(*, since: datetime) -> bool:
    """Say whether each lane has a worker that got ready after `since`. Needs Django to be set up.

    While the database is away or too busy to answer, none has.
    """
    from django.db import OperationalError, connection  # noqa: PLC0415  (the yard starts without Django)

    from jobs.models import WorkerPresence  # noqa: PLC0415  (as above)
    from jobs.settings import switchyard  # noqa: PLC0415  (as above)

    try:
        present = set(WorkerPresence.objects.filter(started_at__gte=since).values_list("lane", flat=True))
        return present >= set(switchyard().lanes)
    except OperationalError:
        return False
    finally:
        connection.close()
