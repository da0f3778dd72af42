"""The commands as a shell runs them, but in this process."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from jobs.management.verbs.exits import Exit


class Ran:
    """What a command wrote, and how it ended."""

    def __init__(self, *arguments: object) -> None:
        """Run the command."""
        out, errors = StringIO(), StringIO()
        usage, self.code = "", 0
        try:
            call_command(*map(str, arguments), stdout=out, stderr=errors)
        except CommandError as error:  # argparse's own
            usage, self.code = str(error), error.returncode
        except SystemExit as ended:
            self.code = int(ended.code or 0)
        self.exit = Exit(self.code)
        self.text = out.getvalue()
        self.error = usage or errors.getvalue().removesuffix("\n")

    @property
    def document(self) -> Any:
        """What it wrote with --json."""
        return json.loads(self.text)


@pytest.fixture
def jobs_command(db: None) -> Callable[..., Ran]:
    """Run `manage.py jobs`."""
    return lambda *arguments: Ran("jobs", *arguments)


@pytest.fixture
def tokens_command(db: None) -> Callable[..., Ran]:
    """Run `manage.py tokens`."""
    return lambda *arguments: Ran("tokens", *arguments)


@pytest.fixture
def workers_command(db: None) -> Callable[..., Ran]:
    """Run `manage.py workers`."""
    return lambda *arguments: Ran("workers", *arguments)
