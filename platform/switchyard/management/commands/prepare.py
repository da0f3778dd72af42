"""`manage.py prepare`: everything that must be done before web and workers start, in one process."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Brings database and static files up to date; Django runs its checks before."""

    help = "Migrate, collect the static files, and load the demo where SWITCHYARD_DEMO is on."

    def handle(self, *_: Any, verbosity: int, **__: Any) -> None:
        """Do what is needed; all of it may run again."""
        quieter = max(0, verbosity - 1)
        call_command("migrate", interactive=False, verbosity=verbosity)
        call_command("collectstatic", interactive=False, verbosity=quieter)
        if settings.DEMO:
            call_command("demo", verbosity=verbosity)
