"""What the environment says: the only place that reads environment variables."""

import os
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("SWITCHYARD_VAR") or ROOT / "var").resolve()
NOTED = VAR / "yard.env"
HIGHEST_PORT = 65_535


class WrongVariable(Exception):
    """An environment variable has a value that cannot work; the sentence says which, and what to write."""


def noted() -> dict[str, str]:
    """Return the values that the running yard noted in var/yard.env, for commands beside it."""
    try:
        lines = NOTED.read_text().splitlines()
    except OSError:  # no yard runs in this folder, or none can
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)


_NOTED = noted()


def text(name: str, default: str) -> str:
    """Return the variable `name`, else what the yard noted, else `default`."""
    return os.environ.get(name) or _NOTED.get(name) or default


def flag(name: str, *, default: bool) -> bool:
    """Return whether the variable `name` is on: 1, true, yes or on.

    Raises:
        WrongVariable: the value is neither on nor off.
    """
    value = text(name, "on" if default else "off").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    message = f"{name} is {value!r}; write on or off."
    raise WrongVariable(message)


def number(name: str, default: int) -> int:
    """Return the variable `name` as a whole number.

    Raises:
        WrongVariable: the value is not a whole number from 0 on.
    """
    value = text(name, str(default))
    if not (value.isascii() and value.isdecimal()):
        message = f"{name} is {value!r}; write a whole number, such as {default}."
        raise WrongVariable(message)
    return int(value)


def port(name: str, default: int) -> int:
    """Return the variable `name` as a port.

    Raises:
        WrongVariable: the value is no port.
    """
    value = number(name, default)
    if not 0 < value <= HIGHEST_PORT:
        message = f"{name} is '{value}'; write a number from 1 to {HIGHEST_PORT}."
        raise WrongVariable(message)
    return value


def time_zone(name: str, default: str) -> str:
    """Return the variable `name` as the name of a time zone.

    Raises:
        WrongVariable: there is no such time zone.
    """
    value = text(name, default)
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{name} is {value!r}; write a name such as Europe/Berlin."
        raise WrongVariable(message) from None


def database_address(default: str) -> str:
    """Return DATABASE_URL.

    Raises:
        WrongVariable: it is no address of a PostgreSQL database; its value is not told, it holds a password.
    """
    return _address(
        "DATABASE_URL",
        default,
        schemes=("postgresql", "postgres"),
        example="postgresql://user:password@host:5432/name",
    )


def broker_address(default: str) -> str:
    """Return BROKER_URL.

    Raises:
        WrongVariable: it is no address of a broker; its value is not told, it holds a password.
    """
    return _address(
        "BROKER_URL",
        default,
        schemes=("redis", "rediss", "amqp", "amqps", "pyamqp"),
        example="redis://:password@host:6379/0 or amqp://user:password@host:5672/name",
    )


def _address(name: str, default: str, *, schemes: Collection[str], example: str) -> str:
    value = text(name, default)
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in schemes and "://" in value and parts.port != 0
    except ValueError:  # its port is no number
        is_address = False
    if not is_address:
        message = f"{name} is not an address such as {example}."
        raise WrongVariable(message)
    return value


def names(name: str, default: str) -> list[str]:
    """Return the variable `name` as a list, split at commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]
