"""Forms of values that others may change at the same time: each changes only what its own person changed."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from jobs.meanwhile import Meanwhile, changed_since
from jobs.overrides import Path
from jobs.settings_pages.school_rates import as_lines
from jobs.templatetags.setting_words import with_unit

MOST_DIGITS = 9
WHOSE = _(
    "{by} changed this from {before} to {after}, and you wrote {own}. Saving again puts yours in force; to "
    "leave theirs, write {written}."
)
WHOSE_EMPTY = _(
    "{by} changed this from {before} to {after}, and you wrote {own}. Saving again puts yours in force; to "
    "leave theirs, leave it empty."
)
"""What is asked where two people changed a value, and one of them to none."""


def meanwhile_of(request: HttpRequest) -> Meanwhile:
    """Return what others changed since the person opened the page that was sent; nothing before that."""
    expecting = request.POST.get("expecting", "")
    is_number = expecting.isascii() and expecting.isdigit() and len(expecting) <= MOST_DIGITS
    return changed_since(int(expecting)) if is_number else Meanwhile()


class SharedForm(forms.Form):
    """A field for each value; one that is as the person saw it follows what others make of it."""

    def __init__(self, data: QueryDict | None, *, meanwhile: Meanwhile, prefix: str | None = None) -> None:
        """Know what others did `meanwhile`."""
        super().__init__(data, prefix=prefix)
        self._meanwhile = meanwhile

    def path_of(self, name: str) -> Path:
        """Return where the value of the field `name` stands."""
        raise NotImplementedError

    def in_force(self, name: str) -> Any:
        """Return the value of the field `name` that is in force."""
        raise NotImplementedError

    def unit_of(self, name: str) -> str:  # noqa: ARG002 - values with units say theirs
        """Return the unit of the field `name`."""
        return ""

    def own(self) -> dict[str, Any]:
        """Return by field what the person changed themselves; only after `is_valid`."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if value != self._meanwhile.seen(self.path_of(name), in_force=self.in_force(name))
        }

    def catch_up(self, meanwhile: Meanwhile) -> None:
        """Show what others changed where the person did not; ask beside each field that both changed."""
        data = cast("QueryDict", self.data).copy()
        for name, typed in list(self.cleaned_data.items()):
            touched = meanwhile.touched.get(self.path_of(name))
            if touched is None or typed == touched.after:
                continue
            if typed == touched.before:
                data[self.add_prefix(name)] = written(touched.after)
                continue
            unit = self.unit_of(name)
            before, after, own = (with_unit(each, unit) for each in (touched.before, touched.after, typed))
            words = WHOSE_EMPTY if touched.after is None else WHOSE
            self.add_error(
                name,
                words.format(
                    by=touched.by, before=before, after=after, own=own, written=written(touched.after)
                ),
            )
        self.data = data


def written(value: Any) -> str:
    """Return what stands in a field for `value`."""
    if isinstance(value, Mapping):
        return as_lines(value)
    return "" if value is None else f"{plain(value)}"


def plain(value: Any) -> Any:
    """Return a whole number as one, so that 14.0 is written 14."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
