"""The command that loads the demo."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from switchyard.demo.loading import load


class Command(BaseCommand):
    """Load the demo's schools, or do nothing when they are there."""

    help = (
        "Load two demo schools with students, documents, employers and logins; does nothing the second time."
    )

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        """Load the demo.

        Raises:
            CommandError: this is no demo: its logins have a known password.
        """
        if not settings.DEMO:
            message = (
                "SWITCHYARD_DEMO is off: the demo's logins have a known password. Set it to on to load them."
            )
            raise CommandError(message)
        self.stdout.write("The demo is loaded." if load() else "The demo is there already.")
