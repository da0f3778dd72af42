"""Servers that are given from outside must answer before anything is started."""

from urllib.parse import urlsplit

import psycopg2
from kombu import Connection
from kombu.exceptions import OperationalError

from switchyard.yard import CannotRun

ANSWER_SECONDS = 5


class ServerAway(CannotRun):
    """A server given from outside does not answer."""


def require_servers(*, database_url: str, broker_url: str) -> None:
    """Return when those of the two that are given, so not empty, answer.

    Raises:
        ServerAway: naming the variable, the place and what it said, but no password.
    """
    if database_url:
        _require_database(database_url)
    if broker_url:
        _require_broker(broker_url)


def _require_database(url: str) -> None:
    try:
        psycopg2.connect(url, connect_timeout=ANSWER_SECONDS).close()
    except psycopg2.Error as error:
        raise ServerAway(_sentence("DATABASE_URL", url, error)) from error


def _require_broker(url: str) -> None:
    try:
        with Connection(url, connect_timeout=ANSWER_SECONDS) as connection:
            connection.ensure_connection(max_retries=1, timeout=ANSWER_SECONDS)
    except (OperationalError, OSError) as error:
        raise ServerAway(_sentence("BROKER_URL", url, error)) from error


def _sentence(variable: str, url: str, error: Exception) -> str:
    place = urlsplit(url).netloc.rpartition("@")[2]
    return (
        f"{variable} names a server at {place}, which does not answer ({' '.join(str(error).split())}). "
        f"Start that server, correct {variable}, or unset it: then the yard starts its own."
    )
