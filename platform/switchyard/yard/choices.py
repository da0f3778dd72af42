"""What the person chose for this yard in the environment, and what is chosen for them."""

import os
from dataclasses import dataclass
from pathlib import Path

from switchyard import env
from switchyard.yard import CannotRun
from switchyard.yard.ports import free_ports, require_free

DEFAULT_WEB_PORT = 8000
HIGHEST_PORT = 65_535


class WrongPort(CannotRun):
    """A port in the environment is no port."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The folder, ports and outside servers of a yard."""

    var: Path
    """The folder that keeps all data, logs and secrets."""
    web_port: int
    postgres_port: int
    valkey_port: int
    flower_port: int
    mail_port: int
    database_url: str
    """A database given from outside; empty when the yard starts its own."""
    broker_url: str
    """A broker given from outside; empty when the yard starts its own."""

    @property
    def logs(self) -> Path:
        """The folder with a log for each process."""
        return self.var / "log"

    @property
    def home(self) -> str:
        """The platform's address."""
        return f"http://127.0.0.1:{self.web_port}/"


def choose() -> Choices:
    """Read the environment; inner ports that it does not set are any that are free now.

    Raises:
        WrongPort: a variable holds no port.
        PortTaken: a port that it asks for, or the default of the web, is taken.
    """
    any_free = iter(free_ports(4))
    return Choices(
        var=env.VAR,
        web_port=_port("SWITCHYARD_WEB_PORT", DEFAULT_WEB_PORT),
        postgres_port=_port("SWITCHYARD_POSTGRES_PORT") or next(any_free),
        valkey_port=_port("SWITCHYARD_VALKEY_PORT") or next(any_free),
        flower_port=_port("SWITCHYARD_FLOWER_PORT") or next(any_free),
        mail_port=_port("SWITCHYARD_MAIL_PORT") or next(any_free),
        database_url=os.environ.get("DATABASE_URL", ""),
        broker_url=os.environ.get("BROKER_URL", ""),
    )


def _port(variable: str, default: int = 0) -> int:
    given = os.environ.get(variable) or str(default)
    if given == "0":
        return 0
    if not given.isdecimal() or not 0 < int(given) <= HIGHEST_PORT:
        message = f"{variable} is {given!r}; write a port, from 1 to {HIGHEST_PORT}."
        raise WrongPort(message)
    return require_free(int(given), variable=variable)
