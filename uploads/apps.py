"""The uploads app."""

from django.apps import AppConfig
from django.conf import settings


class UploadsConfig(AppConfig):
    """The uploads app's place in Django."""

    name = "uploads"

    def ready(self) -> None:
        """Offer the directory of students, register the checks, and let files be picked up where they are."""
        from jobs import rounds  # noqa: PLC0415  models can be imported only once apps are loaded
        from jobs.directory import offer  # noqa: PLC0415  as above
        from uploads import checks, picking_up  # noqa: PLC0415  as above
        from uploads.students import StudentDirectory  # noqa: PLC0415  as above

        offer(StudentDirectory())
        checks.register_all()
        if settings.PICKUP.get("folder"):
            rounds.offer(picking_up.pick_up)
