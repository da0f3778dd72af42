"""What the person chose for this yard in the environment, and what is chosen for them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from switchyard import env
from switchyard.yard import CannotRun
from switchyard.yard.ports import free_ports, require_free

DEFAULT_WEB_PORT = 8000
VARIABLES = {
    "web_port": "SWITCHYARD_WEB_PORT",
    "postgres_port": "SWITCHYARD_POSTGRES_PORT",
    "valkey_port": "SWITCHYARD_VALKEY_PORT",
    "flower_port": "SWITCHYARD_FLOWER_PORT",
    "mail_port": "SWITCHYARD_MAIL_PORT",
}
RELAY = tuple(f"MAIL_RELAY_{name}" for name in ("HOST", "PORT", "TLS", "CA", "USER", "PASSWORD"))


class WrongPort(CannotRun):
    """A port in the environment is no port, or is asked for twice."""


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
    relay: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The variables of a mail relay given from outside; empty when the yard catches mail itself."""

    @property
    def logs(self) -> Path:
        """The folder with a log for each process."""
        return self.var / "log"

    @property
    def pulses(self) -> Path:
        """The pipe into which the supervisor gives signs of life."""
        return self.var / "supervisor.pulses"

    @property
    def home(self) -> str:
        """The platform's address, by a name: browsers make no passkeys for an IP address."""
        return f"http://localhost:{self.web_port}/"


def choose() -> Choices:
    """Read the environment; inner ports that it does not set are any that are free now.

    Raises:
        WrongPort: a variable holds no port, or two hold the same.
        PortTaken: a port that it asks for, or the default of the web, is taken.
    """
    return Choices(
        var=env.VAR,
        **_ports(),
        database_url=env.given("DATABASE_URL"),
        broker_url=env.given("BROKER_URL"),
        relay=_relay(),
    )


def _relay() -> dict[str, str]:
    given = {name: value for name in RELAY if (value := env.given(name))}
    return given if "MAIL_RELAY_HOST" in given else {}


def _ports() -> dict[str, int]:
    asked = {name: port for name in VARIABLES if (port := _port_asked_for(name))}
    asked.setdefault("web_port", DEFAULT_WEB_PORT)
    _require_different(asked)
    for name, port in asked.items():
        require_free(port, variable=VARIABLES[name])
    spare = [port for port in free_ports(2 * len(VARIABLES)) if port not in asked.values()]
    return dict(zip([name for name in VARIABLES if name not in asked], spare, strict=False)) | asked


def _port_asked_for(name: str) -> int | None:
    variable = VARIABLES[name]
    given = os.environ.get(variable)
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and 0 < int(given) <= env.HIGHEST_PORT):
        message = f"{variable} is {given!r}; write a port, from 1 to {env.HIGHEST_PORT}."
        raise WrongPort(message)
    return int(given)


def _require_different(asked: Mapping[str, int]) -> None:
    for (name, port), (other, other_port) in combinations(_in_order(asked), 2):
        if port == other_port:
            message = (
                f"{VARIABLES[name]} and {VARIABLES[other]} are both {port}; give each a port of its own."
            )
            raise WrongPort(message)


def _in_order(asked: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(name, asked[name]) for name in VARIABLES if name in asked]
