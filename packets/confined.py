"""The child processes in which documents that others made are opened, and pages set."""

import math
from collections.abc import Mapping
from typing import Any

from jobs.confinement import Confinement, Limits
from jobs.settings import switchyard

confinement = Confinement(
    preload=(
        "packets.normalising",
        "packets.typesetting",
        "packets.linearising",
        "packets.logo_picture",
        "packets.picturing",
    ),
    limits=Limits(megabytes=600, cpu_seconds=60, seconds=60),
)
"""Starts its process with the first call."""

PICTURE_LIMITS = Limits(megabytes=500, cpu_seconds=5, seconds=5)
"""Of what a page waits for."""


def normalise(*, limits: Limits | None = None, **given: Any) -> dict[str, Any]:
    """Run `packets.normalising.normalise` in a child.

    Raises:
        OutOfBounds: it needs more memory or time than one document may take.
        Crashed: the child died.
    """
    found: dict[str, Any] = _run("packets.normalising:normalise", given, limits)
    return found


def typeset(*, limits: Limits | None = None, **given: Any) -> list[int]:
    """Run `packets.typesetting.typeset` in a child; what it raises is our own fault."""
    pages: list[int] = _run("packets.typesetting:typeset", given, limits)
    return pages


def draw(*, limits: Limits, **given: Any) -> None:
    """Run `packets.picturing.draw` in a child.

    Raises:
        OutOfBounds: the pages need more memory or time than that; those that were drawn before are there.
        Crashed: the child died.
    """
    _run("packets.picturing:draw", given, limits)


def linearise(**given: str) -> None:
    """Run `packets.linearising.linearise` in a child.

    Raises:
        OutOfBounds: the packet needs more memory or time than that may take.
    """
    _run("packets.linearising:linearise", given)


def read_logo(**given: str) -> dict[str, Any]:
    """Run `packets.logo_picture.read_logo` in a child.

    Raises:
        OutOfBounds: it needs more memory or time than a picture may take.
        Crashed: the child died.
    """
    found: dict[str, Any] = _run("packets.logo_picture:read_logo", given, PICTURE_LIMITS)
    return found


def _run(function: str, given: Mapping[str, Any], limits: Limits | None = None) -> Any:
    return confinement.run(function, given, limits=limits or usual_limits())


def usual_limits() -> Limits:
    """Return those of one document, as the settings in force say; that may ask the database."""
    files = switchyard().files
    return Limits(
        megabytes=files.document_memory_megabytes,
        cpu_seconds=math.ceil(files.document_seconds),
        seconds=files.document_seconds,
    )
