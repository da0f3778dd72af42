"""The benchmarks' kinds as a Django app."""

from django.apps import AppConfig


class StageConfig(AppConfig):
    """The benchmarks' place in Django."""

    name = "tests.benchmarks.stage"
