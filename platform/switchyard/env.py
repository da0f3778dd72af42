"""What the environment says: the only place that reads environment variables."""

import os
import socket
from collections.abc import Collection
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("SWITCHYARD_VAR") or ROOT / "var").resolve()
RUN = Path(os.environ.get("SWITCHYARD_RUN") or VAR / "run" / socket.gethostname()).resolve()
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
    """Return what is `given` as `name`, else what the yard noted, else `default`."""
    return given(name) or _NOTED.get(name) or default


def given(name: str) -> str:
    """Return the variable `name`, else what the file holds that the variable `name`_FILE names, else nothing.

    So a secret need not stand in the environment, which a process hands on to its children.

    Raises:
        WrongVariable: the file cannot be read.
    """
    value, path = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if value or not path:
        return value
    try:
        return Path(path).read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it holds no text"
        message = (
            f"{name}_FILE is {path!r}, which cannot be read ({why}); name a file with the value of {name}."
        )
        raise WrongVariable(message) from error


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


def number(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """Return the variable `name` as a whole number.

    Raises:
        WrongVariable: the value is not a whole number from `least` to `most`.
    """
    value = text(name, str(default))
    is_number = value.isascii() and value.isdecimal()
    if not is_number or int(value) < least or (most is not None and int(value) > most):
        wanted = f"a whole number, such as {default}" if most is None else f"a number from {least} to {most}"
        message = f"{name} is {value!r}; write {wanted}."
        raise WrongVariable(message)
    return int(value)


def port(name: str, default: int) -> int:
    """Return the variable `name` as a port.

    Raises:
        WrongVariable: the value is no port.
    """
    return number(name, default, least=1, most=HIGHEST_PORT)


def word(name: str, default: str, *, among: Collection[str]) -> str:
    """Return the variable `name`, one of the words `among`.

    Raises:
        WrongVariable: it is none of them.
    """
    value = text(name, default).lower()
    if value not in among:
        message = f"{name} is {value!r}; write one of {', '.join(among)}."
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


def names(name: str, default: str) -> list[str]:
    """Return the variable `name` as a list, split at commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def words(name: str, default: str, *, among: Collection[str]) -> list[str]:
    """Return the variable `name` as a list that is split at commas, of words `among`.

    Raises:
        WrongVariable: one is none of them.
    """
    found = names(name, default)
    if unknown := [each for each in found if each not in among]:
        message = f"{name} has {', '.join(unknown)}; write some of {', '.join(among)}, split at commas."
        raise WrongVariable(message)
    return found
