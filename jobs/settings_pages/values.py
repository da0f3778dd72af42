"""A form of the settings of one lane, service or section, made from what these settings say of themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from jobs import versions
from jobs.meanwhile import Meanwhile
from jobs.overrides import NOT_OVERRIDABLE, Path, flat, nested
from jobs.reviewing import Proposal
from jobs.setting_fields import About, settings_of
from jobs.setting_names import label_of
from jobs.settings import Switchyard
from jobs.settings_pages.numbers import NumberField, WholeNumberField
from jobs.settings_pages.school_rates import SchoolRatesField
from jobs.settings_pages.sharing import SharedForm, plain
from jobs.settings_pages.warning import warnings_of
from jobs.settings_pages.wording import in_words
from jobs.versions import Origin

NO_LANE = ("", _("No lane"))


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One setting on a page."""

    name: str
    field: BoundField | None
    """None when the settings file alone decides it."""
    label: str
    about: About
    default: object
    """What the settings file says, or leaves to the platform's default."""
    value: object
    """What is in force."""
    origin: Origin | None
    """Who changed it last; None when nobody ever did."""
    warning: str = ""
    """What it does, where that is not what it seems to do."""

    @property
    def is_changed(self) -> bool:
        """Whether it differs from the default."""
        return self.value != self.default

    @property
    def is_of_note(self) -> bool:
        """Whether there is more to it than its default: it differs, was typed, is wrong or has a warning.

        Only told when the form is shown: what is wrong may be found out after it was read.
        """
        field = self.field
        is_typed = field is not None and field.form.is_bound and field.name in field.form.changed_data
        return self.is_changed or is_typed or bool(self.warning or (field and field.errors))


class ValuesForm(SharedForm):
    """The settings at `path`, such as ("lanes", "bulk"): `value` in force, `default` in the settings file."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        path: Path,
        value: Any,
        default: Any,
        whole: Switchyard,
        meanwhile: Meanwhile,
    ) -> None:
        """Make a field for each setting that may be changed here; `whole` are all settings in force."""
        super().__init__(data, meanwhile=meanwhile)
        self._path, self._value, self._default = path, value, default
        self._whole = whole
        self._abouts = {item.name: about for item, about in settings_of(value)}
        for item, about in settings_of(value):
            if item.name not in NOT_OVERRIDABLE:
                self.fields[item.name] = _field(
                    about, label=label_of(item.name), value=getattr(value, item.name), lanes=whole.lanes
                )

    def shown(self, origins: Mapping[Path, Origin]) -> list[Shown]:
        """Return all settings with what is to be said of each, as the person wants to have them."""
        warnings = warnings_of(self._wanted())
        return [
            Shown(
                name=item.name,
                field=self[item.name] if item.name in self.fields else None,
                label=label_of(item.name),
                about=about,
                default=getattr(self._default, item.name),
                value=getattr(self._value, item.name),
                origin=origins.get((*self._path, item.name)),
                warning=warnings.get(item.name, ""),
            )
            for item, about in settings_of(self._value)
        ]

    def _wanted(self) -> dict[str, Any]:
        """Return what the settings would be; what is in force while the form cannot be read."""
        now = {name: getattr(self._value, name) for name in self._abouts}
        return {**now, **self.own()} if self.is_bound and self.is_valid() else now

    def proposal(self) -> Proposal:
        """Return all overrides in force, with what the person changed over them."""
        values = {self.path_of(name): plain(value) for name, value in self.own().items()}
        return Proposal(overrides=nested({**flat(versions.overrides_of(self._whole)), **values}))

    def path_of(self, name: str) -> Path:
        """Return where the setting `name` stands."""
        return (*self._path, name)

    def in_force(self, name: str) -> Any:
        """Return what the setting `name` is."""
        return getattr(self._value, name)

    def unit_of(self, name: str) -> str:
        """Return the unit of the setting `name`."""
        return self._abouts[name].unit

    def refuse(self, message: str, *, name: str = "") -> None:
        """Show the message beside the field of the setting `name`, else above the form."""
        last = name.rpartition("[")[2].strip("']")
        is_here = last in self.fields
        self.add_error(
            last if is_here else None, message if is_here or not name else in_words(f"{name}: {message}")
        )


def _field(about: About, *, label: str, value: Any, lanes: Mapping[str, Any]) -> forms.Field:
    common: dict[str, Any] = {"label": label, "required": not about.is_optional, "initial": plain(value)}
    if about.choices:
        return forms.ChoiceField(choices=[(choice, choice) for choice in about.choices], **common)
    if about.kind is dict:
        return SchoolRatesField(label=label, initial=value)
    if about.kind is str:
        choices = [NO_LANE, *((name, name) for name in lanes)]
        return forms.TypedChoiceField(choices=choices, empty_value=None, **common)
    if about.is_whole:
        return WholeNumberField(**common)
    return NumberField(**common)
