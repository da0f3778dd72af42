"""How we reach PostgreSQL: neither a silent network nor a process that stands still may hold others up."""

from typing import Any

import dj_database_url

from switchyard import addresses, env

ENGINE = "jobs.postgres"
"""Django's own for PostgreSQL, with the wall between schools: see `jobs.walls`."""
LONGEST_SECONDS = 600
PROBES = 3


def default() -> dict[str, Any]:
    """Return the database that the environment names, as DATABASES takes it.

    Options within DATABASE_URL count more than ours.

    Raises:
        WrongVariable: a variable cannot work.
    """
    found = dj_database_url.parse(
        addresses.database("postgresql://postgres@127.0.0.1:5432/switchyard"),
        engine=ENGINE,
        conn_max_age=env.number("DATABASE_CONNECTION_SECONDS", 60),
        conn_health_checks=True,
    )
    ours = options(
        silence_seconds=env.number("DATABASE_SILENCE_SECONDS", 10, least=2, most=LONGEST_SECONDS),
        idle_seconds=env.number("DATABASE_IDLE_SECONDS", 120, least=5, most=LONGEST_SECONDS),
    )
    return {**found, "OPTIONS": {**ours, **found.get("OPTIONS", {})}}


def options(*, silence_seconds: int, idle_seconds: int) -> dict[str, Any]:
    """Return libpq's options for connections that break off when nothing is heard for `silence_seconds`.

    The server breaks off as well, so that a host that vanished keeps no lock; and whoever holds a
    transaction open without a word for `idle_seconds`, such as a process that was stopped within it. Honest
    limit: a proxy in between that still answers TCP but passes nothing on is not silent.
    """
    pause = max(1, silence_seconds // (PROBES + 1))
    at_the_server = {
        "idle_in_transaction_session_timeout": f"{idle_seconds}s",
        "tcp_keepalives_idle": pause,
        "tcp_keepalives_interval": pause,
        "tcp_keepalives_count": PROBES,
        "tcp_user_timeout": f"{silence_seconds}s",
    }
    return {
        "connect_timeout": max(2, silence_seconds // 2),
        "keepalives_idle": pause,
        "keepalives_interval": pause,
        "keepalives_count": PROBES,
        "tcp_user_timeout": silence_seconds * 1000,
        "options": " ".join(f"-c {name}={value}" for name, value in at_the_server.items()),
    }
