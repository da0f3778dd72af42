"""The field of limits of single schools: one school a line, its short name, a colon and the number."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from jobs.models import School
from jobs.setting_fields import did_you_mean
from jobs.settings_pages.numbers import NumberField
from jobs.templatetags.setting_words import NONE

FEWEST_ROWS = 2


class SchoolRatesField(forms.CharField):
    """Numbers by school; empty for no school."""

    def __init__(self, **options: Any) -> None:
        """Take what `forms.CharField` takes, but its widget."""
        widget = forms.Textarea(attrs={"rows": FEWEST_ROWS, "autocomplete": "off", "spellcheck": "false"})
        super().__init__(widget=widget, required=False, **options)
        self._number = NumberField()

    def prepare_value(self, value: Any) -> Any:
        """Return the lines of numbers by school; what was typed as it is."""
        return as_lines(value) if isinstance(value, Mapping) else value

    def to_python(self, value: Any) -> Any:
        """Return the numbers by school, in their order.

        Raises:
            ValidationError: a line is none of that kind, or there is no such school.
        """
        lines = [line for line in str(value or "").splitlines() if line.strip()]
        rates = dict(self._read(line) for line in lines)
        if len(rates) < len(lines):
            message = _("A school stands here twice.")
            raise forms.ValidationError(message)
        known = set(School.objects.values_list("slug", flat=True))
        for slug in rates:
            if slug not in known:
                message = _("There is no school with the short name “{slug}”.{did_you_mean}").format(
                    slug=slug, did_you_mean=did_you_mean(slug, known)
                )
                raise forms.ValidationError(message)
        return dict(sorted(rates.items()))

    def _read(self, line: str) -> tuple[str, float | None]:
        slug, colon, rate = (each.strip() for each in line.partition(":"))
        if not (slug and colon and rate):
            message = _("“{line}”: write “northfield: 5” or “northfield: {none}”, one school a line.").format(
                line=line.strip(), none=NONE
            )
            raise forms.ValidationError(message)
        return slug, None if rate.lower() == str(NONE) else self._number.clean(rate)


def as_lines(rates: Mapping[str, float | None]) -> str:
    """Return numbers by school as the field shows them."""
    return "\n".join(f"{slug}: {NONE if rate is None else f'{rate:.15g}'}" for slug, rate in rates.items())
