"""`manage.py backup`: database and files of one moment, in one encrypted file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from jobs.amounts import count as counted
from switchyard.backups import keys
from switchyard.backups.backing_up import back_up
from switchyard.backups.sentences import errors_as_sentences


class Command(BaseCommand):
    """Makes a backup, or the key for backups."""

    help = (
        "Write database and files into one file that only the holder of a key can read. First make the key "
        "with `backup --make-key FILE`, and keep it where the backups are not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a path, and for whom."""
        parser.add_argument("path", type=Path, help="the file to write; it must not be there yet")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--to", metavar="RECIPIENT", help="for whom: the text age1... of a key")
        what.add_argument(
            "--make-key", action="store_true", help="write a new secret key to the path instead"
        )

    def handle(self, *, path: Path, to: str | None, make_key: bool, **_: Any) -> None:
        """Do it.

        Raises:
            CommandError: it cannot be done; the message says why.
        """
        if path.exists():
            message = f"{path} is there already. Name another file."
            raise CommandError(message)
        with errors_as_sentences(path):
            if make_key:
                self.stdout.write(f"Back up with: --to {keys.make(path)}")
                return
            made = back_up(path, recipient=keys.recipient(to or ""), now=timezone.now())
        rows, size = sum(made.rows.values()), filesizeformat(path.stat().st_size)
        self.stdout.write(
            f"Backed up {counted(rows, 'row')} and {counted(made.files, 'file')}: {path}, {size}."
        )
        if made.gone:
            self.stdout.write(
                f"{counted(made.gone, 'file')} had been deleted meanwhile, with what they were for."
            )
        self.stdout.write("Keep SECRET_KEY with the key: tokens are hashed with it.")
