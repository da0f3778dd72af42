"""The emails app."""

from django.apps import AppConfig


class EmailsConfig(AppConfig):
    """The emails app's place in Django."""

    name = "emails"
