"""What a subscriber is told, by mail or to its webhook; or asked: whether it wants to be told."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import Incident, IncidentUpdate, StatusSubscriber
from jobs.status.facts import titles_of
from jobs.status.words import moment

CONFIRM = gettext_lazy("""Hello,

somebody, probably you, wants to be told by mail of incidents of the Switchyard platform.
To confirm that, open this page and click the button on it:

    {confirm}

If it was not you, do nothing: you get no further mail.
""")
NEWS = gettext_lazy("""{title}

{body}

({at})

All that was told of it: {page}

You get this because you wanted to be told.
""")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail to one subscriber."""

    subject: str
    text: str
    unsubscribe_link: str
    """Empty while it only asks."""


def mail_to(subscriber: StatusSubscriber, update: IncidentUpdate | None) -> Mail:
    """Return the mail that tells of `update`, or asks where there is none."""
    if update is None:
        text = CONFIRM.format(confirm=_link(subscriber, "status:confirm"))
        return Mail(subject=_("Please confirm: status of Switchyard"), text=text, unsubscribe_link="")
    incident, forget = update.incident, _link(subscriber, "status:forget")
    at = timezone.localtime(update.at)
    text = NEWS.format(
        title=incident.title,
        body=update.body,
        at=f"{date_format(at, 'j F Y')}, {moment(at)}",
        page=_page(subscriber, incident),
    )
    subject = f"[{update.get_status_display()}] {incident.title}"
    return Mail(subject=subject, text=text, unsubscribe_link=forget)


def message_to(subscriber: StatusSubscriber, update: IncidentUpdate | None) -> dict[str, Any]:
    """Return the message that tells a webhook of `update`, or asks where there is none."""
    if update is None:
        data = {"confirm_url": _link(subscriber, "status:confirm")}
        return {"type": "status.confirm", "timestamp": subscriber.asked_at.isoformat(), "data": data}
    incident = update.incident
    return {
        "type": "status.updated",
        "timestamp": update.at.isoformat(),
        "data": {
            "incident": {
                "id": incident.code,
                "name": incident.title,
                "status": update.status,
                "impact": incident.impact,
                "components": titles_of(incident.components),
                "started_at": incident.started_at.isoformat(),
                "shortlink": _page(subscriber, incident),
            },
            "update": {"id": update.code, "body": update.body, "created_at": update.at.isoformat()},
            "unsubscribe_url": _link(subscriber, "status:forget"),
        },
    }


def _page(subscriber: StatusSubscriber, incident: Incident) -> str:
    return f"{subscriber.site}{reverse('status:incident', args=[incident.code])}"


def _link(subscriber: StatusSubscriber, name: str) -> str:
    return f"{subscriber.site}{reverse(name, args=[subscriber.token])}"
