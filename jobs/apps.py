"""The core as a Django app: it finds the kinds of all apps and gives each a doorbell."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """The job core."""

    name = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        """Import each app's kinds.py, then make a Celery task for each kind."""
        from jobs import checks, tasks  # noqa: PLC0415  (models must be loaded)

        autodiscover_modules("kinds")
        tasks.hang_doorbells()
        checks.register_all()
