"""What the environment says: the only place that reads environment variables."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("SWITCHYARD_VAR", ROOT / "var")).resolve()
NOTED = VAR / "yard.env"


def noted() -> dict[str, str]:
    """Return the values that the running yard noted in var/yard.env, for commands beside it."""
    if not NOTED.exists():
        return {}
    lines = NOTED.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


_NOTED = noted()


def text(name: str, default: str) -> str:
    """Return the variable `name`, else what the yard noted, else `default`."""
    return os.environ.get(name) or _NOTED.get(name) or default


def flag(name: str, *, default: bool) -> bool:
    """Return whether the variable `name` is on: 1, true, yes or on.

    Raises:
        ValueError: the value is neither on nor off.
    """
    value = text(name, "on" if default else "off").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    message = f"{name} is {value!r}; write on or off."
    raise ValueError(message)


def number(name: str, default: int) -> int:
    """Return the variable `name` as a whole number.

    Raises:
        ValueError: the value is not a whole number.
    """
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        message = f"{name} is {value!r}; write a whole number, such as {default}."
        raise ValueError(message) from None


def names(name: str, default: str) -> list[str]:
    """Return the variable `name` as a list, split at commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]
