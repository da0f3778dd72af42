"""The emails app."""

from django.apps import AppConfig


class EmailsConfig(AppConfig):
    """The emails app's place in Django."""

    name = "emails"

    def ready(self) -> None:
        """Let the settings of the mail writer be checked."""
        from emails import checks  # noqa: PLC0415  (settings must be loaded)

        checks.register_all()
