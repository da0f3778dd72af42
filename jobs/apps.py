"""The core as a Django app: it finds the kinds of all apps, gives each a doorbell, follows the settings."""

from django.apps import AppConfig
from django.conf import settings as django_settings
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """The job core."""

    name = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        """Follow the settings' versions, import each app's kinds.py, make a Celery task for each kind."""
        from jobs import checks, rounds, scanning, settings, tasks, versions  # noqa: PLC0415  (needs models)

        settings.follow(versions.newest)
        autodiscover_modules("kinds")
        tasks.hang_doorbells()
        checks.register_all()
        if django_settings.CLAMAV_ADDRESS:
            rounds.offer(scanning.look_after_scanner)
