"""The core as a Django app: it finds the kinds of all apps, gives each a doorbell, follows the settings."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """The job core."""

    name = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        """Follow the settings' versions, import each app's kinds.py, make a Celery task for each kind."""
        from jobs import checks, settings, tasks, versions  # noqa: PLC0415  (models must be loaded)

        settings.follow(versions.newest)
        autodiscover_modules("kinds")
        tasks.hang_doorbells()
        checks.register_all()
