"""The endpoints that other apps offer beside the core's, each in its app's `endpoints.py`."""

from collections.abc import Collection

from ninja import Router

_offered: list[Router] = []
_taking_files: set[str] = set()


def offer(router: Router, *, taking_files: Collection[str] = ()) -> None:
    """Let the API have the endpoints of `router`.

    The paths `taking_files` take by PUT a file as their body in place of JSON: up to
    `files.upload_megabytes`, which their endpoints read from the request bit by bit.
    """
    if router not in _offered:
        _offered.append(router)
        _taking_files.update(path.strip("/") for path in taking_files)


def offered() -> tuple[Router, ...]:
    """Return what was offered so far."""
    return tuple(_offered)


def takes_files(path: str) -> bool:
    """Say whether the endpoint at this path takes files."""
    return path.strip("/") in _taking_files
