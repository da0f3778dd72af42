"""Changes of how a person signs in: each is noted for the audit, and told to the person by mail."""

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails import login_news
from jobs import people
from jobs.clients import client_address
from jobs.models import Person
from switchyard.accounts import sessions

BROWSER_CHARACTERS = 60
DONE = {
    "mfa/email/totp_activated": gettext_lazy("set up an authenticator app"),
    "mfa/email/totp_deactivated": gettext_lazy("removed the authenticator app"),
    "mfa/email/webauthn_added": gettext_lazy("added a passkey"),
    "mfa/email/webauthn_removed": gettext_lazy("removed a passkey"),
    "mfa/email/recovery_codes_generated": gettext_lazy("made new recovery codes"),
}
"""What was done, as a page says it after who did it, by the mails that django-allauth would send."""
OTHERWISE = gettext_lazy("changed the second step of signing in")
"""What it may tell of once it is newer."""
PASSWORD_CHANGED = gettext_lazy("changed the password")


def tell(request: HttpRequest, *, person: Person, what: str, by: Person | None) -> None:
    """Note that `what` was done to the login of `person`, from where and with which browser, and mail it."""
    agent = sessions.spoken_agent(request.headers.get("User-Agent", ""))[:BROWSER_CHARACTERS]
    address = client_address(request)
    where = _("{what}, from {address} with {browser}") if address else _("{what}, with {browser}")
    said = where.format(what=what, address=address[:BROWSER_CHARACTERS], browser=agent)
    with transaction.atomic():
        login_news.tell(people.note(about=person, by=by, what=said, now=timezone.now()))
