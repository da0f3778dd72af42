"""Forms of the routes: the draft of all rules, a rule to add, an example job to try."""

import json
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs import versions
from jobs.meanwhile import Meanwhile
from jobs.models import School
from jobs.overrides import Path, flat, nested
from jobs.registry import kind_named, kinds
from jobs.reviewing import Proposal
from jobs.rules import UNITS, Example, Rule, read_rules
from jobs.setting_fields import WrongSetting
from jobs.setting_names import size_words
from jobs.settings import Switchyard
from jobs.settings_pages.numbers import NumberField
from jobs.settings_pages.wording import in_words

ROUTES: Path = ("routes",)


DEEPEST = 10
"""Levels within each other that no draft reaches: a rule has three."""


class DraftField(forms.JSONField):
    """A draft as JSON; what is nested too deep to be read is refused, like what is no JSON."""

    def __init__(self) -> None:
        """Keep it out of sight."""
        unread = gettext_lazy("These rules cannot be read. Load the page again.")
        super().__init__(widget=forms.HiddenInput, error_messages={"invalid": unread})

    def to_python(self, value: Any) -> Any:
        """Return what the text stands for.

        Raises:
            ValidationError: it stands for nothing.
        """
        if _depth(str(value)) > DEEPEST:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what the page sends again: nothing of what is nested too deep."""
        return super().bound_data(data if _depth(str(data)) <= DEEPEST else "", initial)


def _depth(text: str) -> int:
    """Return how deep brackets stand within each other at most; those within words count too."""
    return max(accumulate((each in "[{") - (each in "]}") for each in text), default=0)


class DraftForm(forms.Form):
    """All rules, as the person has them now; nothing of it is in force until it is saved."""

    draft = DraftField()

    def __init__(
        self, data: QueryDict | None, *, in_force: Switchyard, meanwhile: Meanwhile | None = None
    ) -> None:
        """Start with the rules in force; know what others did `meanwhile`."""
        super().__init__(data)
        self._in_force, self._meanwhile = in_force, meanwhile or Meanwhile()
        self.initial["draft"] = [rule.as_setting() for rule in in_force.routes]

    def clean_draft(self) -> list[dict[str, Any]]:
        """Refuse what is no list of rules; only a hand-made request sends that."""
        try:
            rules = [rule.as_setting() for rule in read_rules(self.cleaned_data["draft"])]
        except WrongSetting as error:
            raise forms.ValidationError(error.hint) from error
        return self._followed(rules) if self.data.keys() & {"save", "preview"} else rules

    def _followed(self, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the rules in force in place of those that the person saw and left as they were."""
        now = self.initial["draft"]
        if rules != self._meanwhile.seen(ROUTES, in_force=now):
            return rules
        data = cast("QueryDict", self.data).copy()
        data["draft"] = json.dumps(now)
        self.data = data
        return list(now)

    def catch_up(self, meanwhile: Meanwhile) -> None:
        """Ask what shall become of the rules when others changed them too."""
        touched = meanwhile.touched.get(ROUTES)
        if touched is not None and self.cleaned_data["draft"] != touched.after:
            question = _(
                "{by} changed the rules too. Your draft is without these changes: saving it again "
                "takes them back. To keep them, add them to your draft."
            ).format(by=touched.by)
            self.add_error("draft", question)

    @property
    def rules(self) -> list[dict[str, Any]]:
        """The draft; the rules in force when there is none that can be read."""
        given = self.cleaned_data.get("draft") if self.is_bound and self.is_valid() else None
        return list(given if given is not None else self.initial["draft"])

    def with_rules(self, rules: Sequence[Mapping[str, Any]]) -> "DraftForm":
        """Return the draft with other rules."""
        changed = DraftForm(None, in_force=self._in_force)
        changed.initial["draft"] = list(rules)
        return changed

    def proposal(self) -> Proposal:
        """Return all overrides in force, with the draft as routes."""
        overrides = {**flat(versions.overrides_of(self._in_force)), ROUTES: self.cleaned_data["draft"]}
        return Proposal(overrides=nested(overrides))

    def refuse(self, message: str, *, name: str = "") -> None:
        """Show the message above the form, with the rule that it is about."""
        self.add_error(None, in_words(f"{name}: {message}") if name else message)


def sizes() -> dict[str, str]:
    """Return all sizes that some kind tells: what pages call them by name."""
    named: dict[str, str] = {}
    for kind in (kind for kind in kinds() if kind.is_routed):
        for name, unit in kind.all_sizes.items():
            words = size_words(name)
            named.setdefault(name, words if name == UNITS or words == unit else f"{words} ({unit})")
    return named


class KindAndSchool(forms.Form):
    """Of which kind and school a job is."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of job"))
    school = forms.ModelChoiceField(
        School.objects.order_by("name"),
        required=False,
        label=gettext_lazy("School"),
        to_field_name="slug",
        empty_label=gettext_lazy("Every school"),
    )

    def __init__(self, data: QueryDict | None, *, prefix: str) -> None:
        """Offer all kinds."""
        super().__init__(data, prefix=prefix)
        choices = [(kind.name, f"{kind.label} ({kind.name})") for kind in kinds() if kind.is_routed]
        cast("forms.ChoiceField", self.fields["kind"]).choices = choices

    @property
    def slug(self) -> str:
        """The chosen school's slug; empty for every school."""
        school = self.cleaned_data["school"]
        return school.slug if school else ""


class RuleForm(KindAndSchool):
    """A rule to add."""

    least_size = forms.ChoiceField(required=False, label=gettext_lazy("Large ones: count what"))
    least = NumberField(required=False, min_value=0, label=gettext_lazy("This many or more"))
    most_size = forms.ChoiceField(required=False, label=gettext_lazy("Small ones: count what"))
    most = NumberField(required=False, min_value=0, label=gettext_lazy("This many or fewer"))
    slower_than = NumberField(
        required=False, min_value=1, label=gettext_lazy("More than so many times the usual")
    )
    expected_seconds_over = NumberField(
        required=False, min_value=0, label=gettext_lazy("Expected to take more than so many seconds")
    )
    lane = forms.ChoiceField(label=gettext_lazy("Goes to the lane"))

    def __init__(self, data: QueryDict | None, *, lanes: Sequence[str]) -> None:
        """Offer all sizes and lanes."""
        super().__init__(data, prefix="rule")
        choices = [("", _("No size")), *sizes().items()]
        for name in ("least_size", "most_size"):
            cast("forms.ChoiceField", self.fields[name]).choices = choices
        cast("forms.ChoiceField", self.fields["lane"]).choices = [(lane, lane) for lane in lanes]

    def clean(self) -> None:
        """Refuse half a size, and a size that jobs of the kind do not tell."""
        for bound in ("least", "most"):
            name, value = self.cleaned_data.get(f"{bound}_size"), self.cleaned_data.get(bound)
            if bool(name) != (value is not None):
                self.add_error(bound, _("Choose a size and write a number, or leave both empty."))
            known = kind_named(self.cleaned_data["kind"]).all_sizes if "kind" in self.cleaned_data else {}
            if name and known and name not in known:
                self.add_error(
                    f"{bound}_size",
                    _("Jobs of this kind tell: {known}.").format(
                        known=", ".join(size_words(each) for each in known)
                    ),
                )

    def rule(self) -> dict[str, Any]:
        """Return the rule as settings hold it; only after `is_valid`.

        Raises:
            WrongSetting: its conditions contradict each other.
        """
        given = self.cleaned_data
        return Rule(
            kind=given["kind"],
            school=self.slug,
            at_least={given["least_size"]: given["least"]} if given["least_size"] else {},
            at_most={given["most_size"]: given["most"]} if given["most_size"] else {},
            slower_than=given["slower_than"],
            expected_seconds_over=given["expected_seconds_over"],
            lane=given["lane"],
        ).as_setting()


class ExampleForm(KindAndSchool):
    """A job that somebody imagines."""

    times_slower = NumberField(required=False, min_value=0, label=gettext_lazy("Times the usual"))
    expected_seconds = NumberField(
        required=False, min_value=0, label=gettext_lazy("Expected seconds of work")
    )

    def __init__(self, data: QueryDict | None) -> None:
        """Ask for every size that some kind tells."""
        super().__init__(data, prefix="example")
        for name, label in sizes().items():
            self.fields[f"size_{name}"] = NumberField(required=False, min_value=0, label=capfirst(label))

    def example(self) -> Example:
        """Return the job; only after `is_valid`."""
        given = self.cleaned_data
        told = {name: given[f"size_{name}"] for name in sizes()}
        return Example(
            kind=given["kind"],
            school=self.slug,
            sizes={name: value for name, value in told.items() if value is not None},
            times_slower=given["times_slower"],
            expected_seconds=given["expected_seconds"],
        )
