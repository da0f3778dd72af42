"""The child processes in which documents that others made are opened, and pages set."""

import math
from collections.abc import Mapping
from typing import Any

from jobs.confinement import Confinement, Limits
from jobs.settings import switchyard

confinement = Confinement(
    preload=("packets.normalising", "packets.typesetting"),
    limits=Limits(megabytes=600, cpu_seconds=60, seconds=60),
)
"""Starts its process with the first call."""


def normalise(**given: Any) -> Mapping[str, Any]:
    """Run `packets.normalising.normalise` in a child.

    Raises:
        OutOfBounds: it needs more memory or time than one document may take.
        Crashed: the child died.
    """
    return _run("packets.normalising:normalise", given)


def typeset(**given: Any) -> Mapping[str, Any]:
    """Run `packets.typesetting.typeset` in a child; what it raises is our own fault."""
    return _run("packets.typesetting:typeset", given)


def _run(function: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    files = switchyard().files
    limits = Limits(
        megabytes=files.document_memory_megabytes,
        cpu_seconds=math.ceil(files.document_seconds),
        seconds=files.document_seconds,
    )
    answer: Mapping[str, Any] = confinement.run(function, given, limits=limits)
    return answer
