"""What the environment says of the web server: gunicorn's settings, and the yard before it starts one."""

import runpy
from dataclasses import dataclass

from switchyard import addresses, env

MOST_WORKERS, MOST_THREADS = 256, 256


@dataclass(frozen=True, kw_only=True)
class Web:
    """How the web server runs."""

    bind: str
    """Host and port."""
    workers: int
    """Processes."""
    threads: int
    """Requests that each of them answers at once."""


def read() -> Web:
    """Return what the environment says.

    Raises:
        WrongVariable: the first value that cannot work.
    """
    return Web(
        bind=addresses.place("WEB_BIND", "0.0.0.0:8000"),
        workers=env.number("WEB_WORKERS", 2, least=1, most=MOST_WORKERS),
        threads=env.number("WEB_THREADS", 8, least=1, most=MOST_THREADS),
    )


def read_all() -> Web:
    """As `read`, once everything else that pages need can be read too.

    Raises:
        WrongVariable: the first value that cannot work.
    """
    settings = runpy.run_module("switchyard.settings")
    if not settings["SECRET_KEY"]:
        message = "SECRET_KEY is empty; write at least 50 random characters."
        raise env.WrongVariable(message)
    return read()
