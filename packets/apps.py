"""The packets app."""

from django.apps import AppConfig


class PacketsConfig(AppConfig):
    """The packets app's place in Django."""

    name = "packets"
    verbose_name = "Packets"

    def ready(self) -> None:
        """Show on each student's page who got their documents."""
        from jobs.student_sections import Section, offer  # noqa: PLC0415  models can be imported only now
        from packets import disclosing  # noqa: PLC0415  as above

        offer(Section(template="packets/disclosed.html", read=disclosing.shown))
