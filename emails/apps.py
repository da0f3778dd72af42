"""The emails app."""

from django.apps import AppConfig


class EmailsConfig(AppConfig):
    """The emails app's place in Django."""

    name = "emails"

    def ready(self) -> None:
        """Let the settings of the mail writer be checked, and what relays offer be noted."""
        from emails import checks, noting  # noqa: PLC0415  (settings must be loaded)
        from jobs import tallying  # noqa: PLC0415  (as above)

        checks.register_all()
        tallying.also(noting.notes.write)
