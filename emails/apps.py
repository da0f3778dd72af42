"""The emails app."""

from django.apps import AppConfig


class EmailsConfig(AppConfig):
    """The emails app's place in Django."""

    name = "emails"

    def ready(self) -> None:
        """Let the settings of the mail writer be checked, what relays offer noted, and others send mails."""
        from emails import checks, noting  # noqa: PLC0415  (settings must be loaded)
        from emails.letters import LetterCarrier  # noqa: PLC0415  (as above)
        from jobs import letters, tallying  # noqa: PLC0415  (as above)

        checks.register_all()
        letters.offer(LetterCarrier())
        tallying.also(noting.notes.write)
