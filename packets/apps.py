"""The packets app."""

from django.apps import AppConfig


class PacketsConfig(AppConfig):
    """The packets app's place in Django."""

    name = "packets"
    verbose_name = "Packets"
