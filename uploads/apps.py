"""The uploads app."""

from django.apps import AppConfig


class UploadsConfig(AppConfig):
    """The uploads app's place in Django."""

    name = "uploads"

    def ready(self) -> None:
        """Offer the directory of students."""
        from jobs.directory import offer  # noqa: PLC0415  models can be imported only once apps are loaded
        from uploads.students import StudentDirectory  # noqa: PLC0415  as above

        offer(StudentDirectory())
