"""The form of a new token."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jobs.forms import LineField
from jobs.models import Scope

NEVER = "never"
SPANS = {"90": _("90 days"), "365": _("One year"), NEVER: _("Until it is revoked")}


class TokenForm(forms.Form):
    """Which program gets a token, what it may do, and how long."""

    name = LineField(
        label=_("Name"),
        max_length=100,
        help_text=_("Which program gets it, for example “Student register”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(scope.value, scope.label) for scope in Scope.of_schools()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one.")},
    )
    lasts = forms.ChoiceField(
        label=_("It lets the program in for"), choices=list(SPANS.items()), initial="365"
    )

    def chosen(self, *, now: datetime) -> dict[str, Any]:
        """Return what was chosen, for `jobs.tokens.make`; only after `is_valid`."""
        lasts = self.cleaned_data["lasts"]
        return {
            "name": self.cleaned_data["name"],
            "scopes": [Scope(scope) for scope in self.cleaned_data["scopes"]],
            "expires_at": None if lasts == NEVER else now + timedelta(days=int(lasts)),
        }
