"""Whom the tests write to."""

from collections.abc import Callable

from jobs.models import Job

A, B, C = "ana@x.example", "bea@x.example", "cem@x.example"
Sent = Callable[..., Job]
"""Submits a mailing to some addresses, with files by name and content."""
