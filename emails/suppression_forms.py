"""Forms of the suppression list: whom to find, whom to add, why to remove one, what a recipient wants."""

import re
from typing import Any

from django import forms

from emails.models import SuppressionReason
from emails.models.suppressions import WORDS_LENGTH
from emails.unsubscribing import Wish

ADDRESS = re.compile(r"[^\s,;<>\"'()]+@[^\s,;<>\"'()@]+\.[^\s,;<>\"'()@]+")
ADDRESS_LENGTH = 254
LINES_NAMED = 5


class FindForm(forms.Form):
    """Part of an address, and whether removed ones are meant."""

    search = forms.CharField(
        label="Find", required=False, max_length=ADDRESS_LENGTH, help_text="An address or a part of it."
    )
    removed = forms.BooleanField(label="Show those that were removed from the list", required=False)


class AddForm(forms.Form):
    """Addresses to put on the list, pasted as they come."""

    addresses = forms.CharField(
        help_text="One on each line. You may paste a column of a table or a list from another program.",
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type or paste at least one address."},
    )
    reason = forms.ChoiceField(
        label="Why", choices=SuppressionReason.choices, initial=SuppressionReason.STAFF
    )
    words = forms.CharField(
        label="Note",
        max_length=WORDS_LENGTH,
        required=False,
        help_text="For your colleagues, for example “asked by phone” or “list of the old system”.",
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
        label="Why may it get mailings again?",
        max_length=WORDS_LENGTH,
        help_text="For example “wrote to us on 3 May and wants mailings again”.",
        error_messages={"required": "Say why, so that your colleagues can see it later."},
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
    more = f" and {len(numbers) - LINES_NAMED} more" if len(numbers) > LINES_NAMED else ""
    lines = "Line" if len(numbers) == 1 else "Lines"
    has = "has" if len(numbers) == 1 else "have"
    return (
        f"{lines} {named}{more} {has} no mail address. Nobody was added yet; correct or delete what is there."
    )
