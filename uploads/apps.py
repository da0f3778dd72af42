"""The uploads app."""

from django.apps import AppConfig


class UploadsConfig(AppConfig):
    """The uploads app's place in Django."""

    name = "uploads"
