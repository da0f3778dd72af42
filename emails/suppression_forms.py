"""Forms of the suppression list: whom to find, whom to add, why to remove one, what a recipient wants."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from emails.models import SuppressionReason
from emails.models.suppressions import WORDS_LENGTH
from emails.unsubscribing import Wish

ADDRESS = re.compile(r"[^\s,;<>\"'()]+@[^\s,;<>\"'()@]+\.[^\s,;<>\"'()@]+")
ADDRESS_LENGTH = 254
LINES_NAMED = 5


class FindForm(forms.Form):
    """Part of an address, and whether removed ones are meant."""

    search = forms.CharField(
        label=gettext_lazy("Find"),
        required=False,
        max_length=ADDRESS_LENGTH,
        help_text=gettext_lazy("An address or a part of it."),
    )
    removed = forms.BooleanField(
        label=gettext_lazy("Show those that were removed from the list"), required=False
    )


class AddForm(forms.Form):
    """Addresses to put on the list, pasted as they come."""

    addresses = forms.CharField(
        label=gettext_lazy("Addresses"),
        help_text=gettext_lazy(
            "One on each line. You may paste a column of a table or a list from another program."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Type or paste at least one address.")},
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Why"), choices=SuppressionReason.choices, initial=SuppressionReason.STAFF
    )
    words = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=WORDS_LENGTH,
        required=False,
        help_text=gettext_lazy(
            "For your colleagues, for example “asked by phone” or “list of the old system”."
        ),
    )

    def clean_addresses(self) -> list[str]:
        """Return the addresses of all lines; a line without one is refused by its number."""
        found: dict[str, None] = {}
        wrong: list[int] = []
        for number, line in enumerate(self.cleaned_data["addresses"].splitlines(), start=1):
            addresses = [address for address in ADDRESS.findall(line) if len(address) <= ADDRESS_LENGTH]
            if line.strip() and not addresses:
                wrong.append(number)
            found.update(dict.fromkeys(addresses))
        if wrong:
            raise forms.ValidationError(_without_address(wrong))
        return list(found)

    def chosen(self) -> dict[str, Any]:
        """Return what was chosen, for `suppressing.suppress`; only after `is_valid`."""
        return {**self.cleaned_data, "reason": SuppressionReason(self.cleaned_data["reason"])}


class RemoveForm(forms.Form):
    """Why an address gets mailings again."""

    words = forms.CharField(
        label=gettext_lazy("Why may it get mailings again?"),
        max_length=WORDS_LENGTH,
        help_text=gettext_lazy("For example “wrote to us on 3 May and wants mailings again”."),
        error_messages={"required": gettext_lazy("Say why, so that your colleagues can see it later.")},
    )


class WishForm(forms.Form):
    """What was posted to a recipient's own link: by a mail program, or by a button of our page."""

    wish = forms.ChoiceField(choices=[(wish.value, wish.name) for wish in Wish])

    @property
    def wanted(self) -> Wish | None:
        """What shall be done; None when that is neither of both."""
        if self.data.get("List-Unsubscribe") == "One-Click":  # RFC 8058, section 3.2
            return Wish.UNSUBSCRIBE
        return Wish(self.cleaned_data["wish"]) if self.is_valid() else None


def _without_address(numbers: list[int]) -> str:
    named = ", ".join(str(number) for number in numbers[:LINES_NAMED])
    if len(numbers) > LINES_NAMED:
        named = _("{lines} and {number} more").format(lines=named, number=len(numbers) - LINES_NAMED)
    return ngettext(
        "Line {lines} has no mail address. Nobody was added yet; correct or delete what is there.",
        "Lines {lines} have no mail address. Nobody was added yet; correct or delete what is there.",
        len(numbers),
    ).format(lines=named)
