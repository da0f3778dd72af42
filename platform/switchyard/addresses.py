"""Addresses in environment variables: of servers, hosts and senders, checked for their shape."""

import re
from collections.abc import Callable, Collection
from email.utils import parseaddr
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from switchyard import env

HOST_NAME = re.compile(r"\w[\w.-]*")
ORIGIN = re.compile(r"https?://[^/\s]+")


def database(default: str) -> str:
    """Return DATABASE_URL.

    Raises:
        WrongVariable: it is no address of a PostgreSQL database; its value is not told, it holds a password.
    """
    return _address(
        "DATABASE_URL",
        default,
        schemes=("postgresql", "postgres"),
        is_complete=lambda parts: bool(parts.path.strip("/") or parts.query),
        example="postgresql://user:password@host:5432/name",
    )


def broker(default: str) -> str:
    """Return BROKER_URL.

    Raises:
        WrongVariable: it is no address of a broker; its value is not told, it holds a password.
    """
    return _address(
        "BROKER_URL",
        default,
        schemes=("redis", "rediss", "amqp", "amqps", "pyamqp"),
        is_complete=lambda parts: bool(parts.hostname),
        example="redis://:password@host:6379/0 or amqp://user:password@host:5672/name",
    )


def _address(
    name: str,
    default: str,
    *,
    schemes: Collection[str],
    is_complete: Callable[[SplitResult], bool],
    example: str,
) -> str:
    value = env.text(name, default)
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in schemes and "://" in value and parts.port != 0 and is_complete(parts)
    except ValueError:  # its port is no number
        is_address = False
    if not is_address:
        message = f"{name} is not an address such as {example}."
        raise env.WrongVariable(message)
    return value


def host(name: str, default: str) -> str:
    """Return the variable `name` as a host.

    Raises:
        WrongVariable: it holds more or less than a host's name or IP address.
    """
    return _fitting(name, env.text(name, default), is_host, example="mail.example.edu, without a port")


def place(name: str, default: str) -> str:
    """Return the variable `name` as a host and a port, at which a server listens.

    Raises:
        WrongVariable: it is something else.
    """
    example = "a host and a port, such as 0.0.0.0:8000"
    return _fitting(name, env.text(name, default), _is_place, example=example)


def scanner(name: str) -> str:
    """Return the variable `name` as a host and a port or the path of a socket, at which a scanner listens.

    Raises:
        WrongVariable: it is something else; empty is no scanner.
    """
    value = env.text(name, "").removeprefix("unix:")
    example = "a host and a port such as clamav:3310, or a path such as /run/clamav/clamd.ctl"
    return value if value.startswith("/") or not value else _fitting(name, value, _is_place, example=example)


def hosts(name: str, default: str, *, patterns: bool = False) -> list[str]:
    """Return the variable `name` as hosts, split at commas, in small letters.

    With `patterns` as Django's ALLOWED_HOSTS has them: `.example.edu` for all below it, `*` for any, and
    brackets around an IPv6 address; without, an IPv6 address loses its brackets, as in parts of a URL.

    Raises:
        WrongVariable: one of them is no host.
    """
    fits, example = (is_pattern if patterns else is_host), "hosts such as careers.example.edu"
    example += ", split at commas, without https:// and port"
    values = [_fitting(name, value.lower(), fits, example=example) for value in env.names(name, default)]
    return values if patterns else [value.strip("[]") for value in values]


def origin(name: str, default: str) -> str:
    """Return the variable `name` as the beginning of addresses, or nothing.

    Raises:
        WrongVariable: it has no scheme, or a path.
    """
    value = env.text(name, default).removesuffix("/")
    example = "an address such as http://flower:5555"
    return value and _fitting(name, value, is_origin, example=example)


def origins(name: str, default: str) -> list[str]:
    """Return the variable `name` as the beginnings of addresses, split at commas.

    Raises:
        WrongVariable: one of them has no scheme, or a path.
    """
    example = "addresses such as https://careers.example.edu, split at commas"
    return [_fitting(name, value, is_origin, example=example) for value in env.names(name, default)]


def sender(name: str, default: str, *, is_optional: bool = False) -> str:
    """Return the variable `name` as the name and the mail address of a sender, or nothing if `is_optional`.

    Raises:
        WrongVariable: it holds no mail address.
    """
    example = "a name and an address, such as Career Office <careers@example.edu>"
    value = env.text(name, default)
    return _fitting(name, value, is_sender, example=example) if value or not is_optional else ""


def is_host(value: str) -> bool:
    """Say whether `value` is the name or the IP address of a host, and nothing else."""
    try:
        ip_address(value.removeprefix("[").removesuffix("]"))
    except ValueError:
        return HOST_NAME.fullmatch(value) is not None
    return True


def is_pattern(value: str) -> bool:
    """Say whether `value` can stand in ALLOWED_HOSTS."""
    return value == "*" or is_host(value.removeprefix("."))


def is_origin(value: str) -> bool:
    """Say whether `value` is a scheme and a host, perhaps with a port."""
    return ORIGIN.fullmatch(value) is not None


def is_sender(value: str) -> bool:
    """Say whether `value` has one mail address, with or without a name."""
    mailbox, at, domain = parseaddr(value)[1].rpartition("@")
    return bool(mailbox and at) and is_host(domain) and value.isprintable()


def _is_place(value: str) -> bool:
    at, colon, port = value.rpartition(":")
    is_port = port.isascii() and port.isdecimal() and 0 < int(port) <= env.HIGHEST_PORT
    return is_port and bool(colon) and is_host(at)


def _fitting(name: str, value: str, fits: Callable[[str], bool], *, example: str) -> str:
    if fits(value):
        return value
    message = f"{name} holds {value!r}; write {example}."
    raise env.WrongVariable(message)
