"""Fields for numbers that reach the server as they were typed.

A browser's own field for numbers sends nothing for what it cannot read, such as a comma. Nothing would be
taken for a value here: no limit.
"""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _

FRACTION = re.compile(r"\s*(-?\d+),(\d+)\s*")
THOUSANDS = re.compile(r"\s*-?\d{1,3}(,\d{3})+\s*")


class NumberField(forms.FloatField):
    """A number; one with a comma is refused with how to write it."""

    def __init__(self, **options: Any) -> None:
        """Take what `forms.FloatField` takes, but its widget."""
        super().__init__(widget=_typed("decimal"), **options)

    def to_python(self, value: Any) -> Any:
        """Return the number.

        Raises:
            ValidationError: it is none; a comma may be meant in two ways, and is not guessed at.
        """
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            if hint := _without_comma(str(value)):
                raise forms.ValidationError(hint) from error
            raise


class WholeNumberField(forms.IntegerField):
    """A whole number."""

    def __init__(self, **options: Any) -> None:
        """Take what `forms.IntegerField` takes, but its widget."""
        super().__init__(widget=_typed("numeric"), **options)


def _typed(keyboard: str) -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": keyboard, "autocomplete": "off"})


def _without_comma(typed: str) -> str:
    """Return what to write in place of a number with commas; nothing if it is none."""
    fraction, whole = FRACTION.fullmatch(typed), typed.strip().replace(",", "")
    point = f"{fraction[1]}.{fraction[2]}" if fraction else ""
    if THOUSANDS.fullmatch(typed):
        if not point:
            return _("Write {whole} without a comma.").format(whole=whole)
        words = _("Write {whole} without a comma, or {point} with a point for a fraction.")
        return words.format(whole=whole, point=point)
    return _("Write {point}, with a point.").format(point=point) if point else ""
