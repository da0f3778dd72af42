"""`manage.py bounces`: reads mail that came back, from a mailbox's folder or from standard input."""

import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from emails import bouncing
from emails.mailboxes import NoMailbox, new_mails
from emails.reports import READ_BYTES


class Command(BaseCommand):
    """Takes reports of other mail servers; safe to run twice, beside itself, and after it was killed."""

    help = (
        "Read mail that came back to MAIL_BOUNCES_TO: note whose it was, and put addresses that take no "
        "mail, or whose owners complained, on their school's suppression list. Without that setting it ends "
        "with code 75, at which a mail server keeps the mail."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the mails are."""
        parser.add_argument(
            "--maildir", type=Path, help="folder with new/ and cur/; without it one mail is read from stdin"
        )
        parser.add_argument("--to", default="", help="the address that the mail on stdin was sent to")

    def handle(self, *_: Any, maildir: Path | None, to: str, **__: Any) -> None:
        """Read them all once."""
        try:
            bouncing.require_return_paths()
        except bouncing.NoReturnPaths as error:
            raise CommandError(str(error), returncode=os.EX_TEMPFAIL) from error
        if maildir is None:
            outcome = bouncing.take(sys.stdin.buffer.read(READ_BYTES), to=to, now=timezone.now())
            self.stdout.write(f"{outcome}.")
            return
        outcomes = Counter[str]()
        try:
            for content in new_mails(maildir):
                outcomes[bouncing.take(content, now=timezone.now())] += 1
        except NoMailbox as error:
            raise CommandError(str(error)) from error
        told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        self.stdout.write(f"Read {outcomes.total()} mails{': ' + told if told else ''}.")
