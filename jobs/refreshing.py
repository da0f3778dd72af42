"""Parts of pages that browsers ask for again and again: one that is still the same is not sent again."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, get_conditional_response
from django.utils.http import quote_etag

from jobs.access import person_of

OK = 200
MASKED = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
"""Looks different each time, and is as good as before."""
FRESH_LEAST, FRESH_MOST = timedelta(seconds=5), timedelta(seconds=12)
"""Between these lies how long a glance alone may say that a part of a page is the same."""
View = Callable[..., HttpResponse]
Glance = Callable[..., str]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a browser has, as its ETag says: nothing of it is kept here."""

    content: str
    """What it shows, hashed."""
    glance: str = ""
    """What a glance showed before that was made, hashed with who asked for what; empty without one."""
    milliseconds: int = 0
    """When it was made."""

    @property
    def etag(self) -> str:
        """It as an ETag."""
        return quote_etag("-".join(filter(None, [self.content, self.glance, f"{self.milliseconds or ''}"])))

    @property
    def fresh(self) -> timedelta:
        """How long a glance may say that it is the same.

        Its hash decides: what 500 people asked for at once is not made anew at once for all of them.
        """
        share = int(_hash(self.etag.encode())[:8], 16) / 0xFFFFFFFF
        return FRESH_LEAST + share * (FRESH_MOST - FRESH_LEAST)

    def is_fresh(self, glance: str, *, now: datetime) -> bool:
        """Say whether it was made a moment ago, and nothing changed since."""
        age = timedelta(milliseconds=_milliseconds(now) - self.milliseconds)
        return bool(glance) and self.glance == glance and timedelta() <= age < self.fresh


def seen_by(request: HttpRequest) -> Seen | None:
    """Return what the browser says that it has; None when it says nothing, or nothing of ours."""
    found = re.fullmatch(
        r'(?:W/)?"([0-9a-f]+)(?:-([0-9a-f]+)-(\d{1,15}))?"', request.headers.get("If-None-Match", "")
    )
    if found is None:
        return None
    content, glance, milliseconds = found.groups(default="")
    return Seen(content=content, glance=glance, milliseconds=int(milliseconds or 0))


def refreshed(view: View) -> Callable[..., HttpResponseBase]:
    """Answer 304 where a part of a page is what the browser shows, and let nobody keep it.

    It is made all the same: what is spared is sending it and putting it in place. See `refreshed_after`.
    """
    return refreshed_after(lambda *_, **__: "")(view)


def refreshed_after(glance: Glance) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """As `refreshed`, but make nothing where `glance` shows that nothing changed, for some seconds.

    It is given what the view is, and returns a text that changes with what the part shows; empty for no
    answer. What it leaves out may be told so much later, `FRESH_MOST`, than it happened.
    """

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            seen, now = seen_by(request), timezone.now()
            glanced = _hashed_for(request, glance(request, *args, **kwargs))  # before anything is read
            if seen is not None and seen.is_fresh(glanced, now=now):
                response: HttpResponse = HttpResponseNotModified(headers={"ETag": seen.etag})
                add_never_cache_headers(response)
                return response
            return _compared(request, view(request, *args, **kwargs), seen=seen, glance=glanced, now=now)

        return answer

    return decorate


def _hashed_for(request: HttpRequest, glance: str) -> str:
    """Hash it with who asks for what, so that it stands for nothing else."""
    if not glance:
        return ""
    return _hash(f"{person_of(request).pk} {request.get_full_path()} {glance}".encode())[:16]


def _compared(
    request: HttpRequest, response: HttpResponse, *, seen: Seen | None, glance: str, now: datetime
) -> HttpResponseBase:
    """Answer 304 in place of `response` if it is what the browser shows."""
    add_never_cache_headers(response)
    if response.status_code != OK:
        return response
    content = _hash(MASKED.sub(b"", response.content))
    made = Seen(content=content, glance=glance, milliseconds=_milliseconds(now) if glance else 0)
    response["ETag"] = made.etag
    is_same = seen is not None and seen.content == content
    etag = request.headers["If-None-Match"] if is_same else made.etag
    return get_conditional_response(request, etag=etag, response=response) or response


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
