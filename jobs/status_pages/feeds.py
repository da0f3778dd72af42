"""The incidents as Atom and RSS, at Statuspage's own paths: made from the snapshot, like the page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed, get_tag_uri
from django.utils.translation import gettext_lazy as _

from jobs.plain import without_controls
from jobs.status import current
from jobs.status_pages.links import whole
from jobs.status_pages.public import public
from jobs.status_pages.reading import with_moments

FEEDS: Mapping[str, type[SyndicationFeed]] = {"atom": Atom1Feed, "rss": Rss201rev2Feed}
CONTENT_TYPES = {sort: f"application/{sort}+xml; charset=utf-8" for sort in FEEDS}
TITLE = _("Switchyard: incidents and maintenances")
AUTHOR = "Switchyard"
SAYS = _("What is wrong with the platform, what was, and what is planned.")


@public
def read_feed(request: HttpRequest, sort: str) -> HttpResponse:
    """Answer with the newest incidents and maintenances as Atom or RSS."""
    told = current.told(now=timezone.now())
    everything = with_moments([*told.body["incidents"], *told.body["maintenances"]])
    everything.sort(key=lambda each: each["updated_at"], reverse=True)
    feed = FEEDS[sort](
        title=str(TITLE),
        link=whole(reverse("status:page"), request=request),
        description=str(SAYS),
        author_name=AUTHOR,
        language=settings.LANGUAGE_CODE,
        feed_url=whole(request.path, request=request),
    )
    for incident in everything:
        _add(incident, to=feed, request=request)
    if not everything:
        # Else it would be as new as each request for it, and never the same.
        feed.latest_post_date = lambda: datetime.fromisoformat(told.body["changed_at"])  # type: ignore[method-assign]
    return HttpResponse(feed.writeString("utf-8"), content_type=CONTENT_TYPES[sort])


def _add(incident: Mapping[str, Any], *, to: SyndicationFeed, request: HttpRequest) -> None:
    link = whole(reverse("status:incident", args=[incident["id"]]), request=request)
    to.add_item(
        title=without_controls(incident["name"]),
        link=link,
        description=without_controls(render_to_string("jobs/status/feed_entry.html", {"incident": incident})),
        unique_id=get_tag_uri(link.rstrip("/"), incident["created_at"]).rstrip("/"),
        unique_id_is_permalink=False,
        pubdate=incident["updated_at"] if isinstance(to, Rss201rev2Feed) else incident["created_at"],
        updateddate=incident["updated_at"],
        categories=[component["name"] for component in incident["components"]],
    )
