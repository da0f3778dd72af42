"""`manage.py restore`: what `manage.py backup` wrote, back in its place."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from jobs.amounts import count as counted
from switchyard.backups import keys, restoring
from switchyard.backups.backing_up import Count
from switchyard.backups.sentences import errors_as_sentences


class Command(BaseCommand):
    """Restores a backup, or looks whether it could."""

    help = (
        "Put a backup into an empty database, bring that up to date, and pause all lanes that nobody waits "
        "for. The platform must not run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the backup, its key, and what may be done."""
        parser.add_argument("path", type=Path, help="the backup")
        parser.add_argument("--key", type=Path, required=True, help="the file with its secret key")
        parser.add_argument("--check", action="store_true", help="read all of it and change nothing")
        parser.add_argument("--replace", action="store_true", help="throw away what the database holds")

    def handle(self, *, path: Path, key: Path, check: bool, replace: bool, **_: Any) -> None:
        """Do it.

        Raises:
            CommandError: it cannot be done; the message says why.
        """
        with errors_as_sentences(path):
            identity = keys.identity(key)
            if check:
                head, found = restoring.check(path, identity=identity)
                self.stdout.write(f"The backup of {head.made_at} is whole: {_words(found)}.")
                return
            head, found = restoring.restore(path, identity=identity, replace=replace)
            call_command("migrate", interactive=False, verbosity=0)
            lanes = restoring.pause_lanes(head)
        self.stdout.write(
            f"Restored {_words(found)} of {head.made_at}. These lanes are paused: {', '.join(lanes)}. Start "
            "the platform, stop the jobs that had gone on after the backup, and let the lanes go on at "
            "/ops/settings/holds/."
        )


def _words(found: Count) -> str:
    return f"{counted(sum(found.rows.values()), 'row')} and {counted(found.files, 'file')}"
