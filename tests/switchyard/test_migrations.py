"""Migrations take nothing away that processes of the version before still read."""

import pytest
from django.apps import apps
from django.db.migrations import DeleteModel, RemoveField, RenameField, RenameModel
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

OURS = ("jobs", "emails", "packets", "uploads")
TAKES_AWAY = (DeleteModel, RemoveField, RenameField, RenameModel)
NO_LONGER_READ: frozenset[tuple[str, str]] = frozenset()
"""Migrations that take away what the release before did not read any more."""


def taken_away(operations: list[Operation]) -> list[str]:
    """Return what the operations take away, in Django's own words."""
    return [operation.describe() for operation in operations if isinstance(operation, TAKES_AWAY)]


@pytest.mark.parametrize("app", OURS)
def test_migrations_take_nothing_away_that_the_version_before_reads(app: str) -> None:
    assert apps.is_installed(app)
    found = {
        key: taken_away(list(migration.operations))
        for key, migration in MigrationLoader(None, replace_migrations=False).disk_migrations.items()
        if key[0] == app and key not in NO_LONGER_READ
    }
    assert len(found) > 0
    assert {key: words for key, words in found.items() if words} == {}


def test_a_column_that_is_removed_is_found() -> None:
    removal = RemoveField(model_name="job", name="title")
    assert taken_away([removal]) == ["Remove field title from job"]
