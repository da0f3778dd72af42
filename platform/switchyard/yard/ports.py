"""Ports on loopback: those that were asked for, and free ones."""

import socket

from switchyard.yard import CannotRun

LOOPBACK = "127.0.0.1"


class PortTaken(CannotRun):
    """A port that was asked for is in use by another program."""


def is_free(port: int) -> bool:
    """Say whether a server could listen on `port` of loopback now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def require_free(port: int, *, variable: str) -> int:
    """Return `port` when it is free.

    Raises:
        PortTaken: naming the port, the environment variable that sets it, and a remedy.
    """
    if is_free(port):
        return port
    message = (
        f"Port {port} is taken by another program. End that program, or choose another port: "
        f"{variable}={port + 1} make run"
    )
    raise PortTaken(message)


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that are free now; another program may still be faster."""
    trials = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for trial in trials:
            trial.bind((LOOPBACK, 0))
        return [trial.getsockname()[1] for trial in trials]
    finally:
        for trial in trials:
            trial.close()
