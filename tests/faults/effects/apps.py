"""Kinds of job whose effects outside can be counted, installed for the fault suite only."""

from pathlib import Path
from typing import ClassVar

from django.apps import AppConfig


class EffectsConfig(AppConfig):
    """Finds kinds.py; there are no tables."""

    name = "tests.faults.effects"
    label = "effects"
    path: ClassVar[str] = str(Path(__file__).parent)
