"""The form by which staff share a packet: with whom, how, for how long."""

import json
import math
from dataclasses import astuple
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.amounts import count
from jobs.letters import carrier
from jobs.links import can_link
from packets.models import Packet
from packets.models.shares import NAME_LENGTH
from packets.sharing import Recipient

MOST_RECIPIENTS = 20
USUAL_DAYS = 14
LEAST_PASSWORD = 8
LINK, MAIL_LINK, MAIL_FILE = "link", "mail-link", "mail-file"
NO_LINKS = gettext_lazy(
    "Links cannot be made, because the platform does not know its own address: those who run it set "
    "SITE_URL. Mail the file, or download it."
)


class ShareForm(forms.Form):
    """What a person chose."""

    recipients = forms.CharField(
        label=gettext_lazy("Recipients"),
        help_text=gettext_lazy(
            "One a line: a name, and the address if we send the mail, such as "
            "“Harbor Health <jobs@harbor.example>”. Each gets a link of their own."
        ),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Write who is to get the packet.")},
    )
    way = forms.ChoiceField(
        label=gettext_lazy("How they get it"),
        choices=[
            (MAIL_LINK, gettext_lazy("We mail each of them a link")),
            (MAIL_FILE, gettext_lazy("We mail each of them the file as an attachment")),
            (LINK, gettext_lazy("Only make the links; I pass them on myself")),
        ],
        initial=MAIL_LINK,
        widget=forms.RadioSelect,
    )
    message = forms.CharField(
        label=gettext_lazy("Your words in the mail"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Links work for so many days"),
        min_value=1,
        max_value=3650,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Write a number of days, such as 14.")},
    )
    password = forms.CharField(
        label=gettext_lazy("Password of the links"),
        required=False,
        min_length=LEAST_PASSWORD,
        max_length=128,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Tell it to the recipients in another way than the link. It is not shown again."
        ),
    )
    form_key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, packet: Packet, now: datetime) -> None:
        """Offer what can be done with `packet` now."""
        self._packet = packet
        left = packet.kept_until - now if packet.kept_until else None
        self.most_days = max(1, math.ceil(left / timedelta(days=1))) if left else 3650
        super().__init__(data, initial={"days": min(USUAL_DAYS, self.most_days)})
        if packet.kept_until:
            most = count(self.most_days, "day")
            self.fields["days"].help_text = _("At most {most}: then the file is deleted.").format(most=most)

    def clean_recipients(self) -> list[Recipient]:
        """Return who is named, each once.

        Raises:
            ValidationError: they are too many, or a line names nobody.
        """
        lines = dict.fromkeys(line.strip() for line in self.cleaned_data["recipients"].splitlines())
        found = [_read(line) for line in lines if line]
        if len(found) > MOST_RECIPIENTS:
            message = _(
                "These are {number} recipients; share with {most_recipients} at once at the most."
            ).format(number=len(found), most_recipients=MOST_RECIPIENTS)
            raise ValidationError(message)
        return found

    def clean_days(self) -> int:
        """Return the days, which are none after the file is deleted.

        Raises:
            ValidationError: they are more.
        """
        days = int(self.cleaned_data["days"])
        if days > self.most_days:
            message = _("The file is deleted after {days}: write at most that many.").format(
                days=count(self.most_days, "day")
            )
            raise ValidationError(message)
        return days

    def clean(self) -> dict[str, Any]:
        """Refuse a way that cannot be gone."""
        given = super().clean() or self.cleaned_data
        way = given.get("way")
        if way in {LINK, MAIL_LINK} and not can_link():
            self.add_error("way", NO_LINKS)
        lacking = [each.name for each in given.get("recipients", ()) if not each.email]
        if way in {MAIL_LINK, MAIL_FILE} and lacking:
            self.add_error(
                "recipients", _("Write the address of {names} too.").format(names=", ".join(lacking[:3]))
            )
        if way == MAIL_FILE and self._packet.result:
            if objection := carrier().objection(self._packet.result, school=self._packet.school):
                self.add_error("way", _("{objection} Mail a link.").format(objection=objection))
            if given.get("password"):
                self.add_error("password", _("An attached file asks for none: mail a link, or leave it out."))
        return given

    @property
    def key(self) -> UUID:
        """The form with its choices: sent again after a change it is another; only after `is_valid`.

        A keyed digest, as it would help to guess the password.
        """
        given = self.cleaned_data
        choices = [given[name] for name in ("way", "message", "days", "password")]
        text = json.dumps([given["form_key"].hex, *choices, *map(astuple, given["recipients"])])
        return UUID(salted_hmac("packets.share.form", text, algorithm="sha256").hexdigest()[:32])


def _read(line: str) -> Recipient:
    """Return whom a line names.

    Raises:
        ValidationError: what stands in it as an address is none.
    """
    name, address = parseaddr(line) if "@" in line else (line, "")
    if "@" in line and not (address and carrier().is_address(address)):
        message = _("“{line}” has no address that a mail can go to.").format(line=line)
        raise ValidationError(message)
    return Recipient(name=(name or address)[:NAME_LENGTH], email=address)
