"""The API's addresses, mounted at /api/v1/."""

from typing import Any, cast

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path
from django.utils.module_loading import autodiscover_modules

from jobs.api.document import Api, all_routers
from jobs.api.errors import handle_errors
from jobs.api.gate import open_to_programs

NAMESPACE = "api"
DESCRIPTION = """\
Jobs of one school, for its own programs. Staff make tokens at /tokens/; send one as
`Authorization: Bearer sy_…`. A token has scopes: `jobs:read` for GET requests, `jobs:submit` for
POST /jobs and for data files, `jobs:change` for stop, retry, pause, resume and undo. The platform's
own programs see and set the number of workers with `workers:scale`, which only
`manage.py tokens create --school platform` gives. Every refusal is `application/problem+json`
(RFC 9457) with a `remedy`. Times are UTC in ISO 8601.

A token may be used a number of times a minute; the headers `RateLimit-Policy` and `RateLimit` say how
often and what is left. What is beyond is answered 429, and `Retry-After` says when to ask again.
"""


def nothing_here(_request: HttpRequest, **_: Any) -> HttpResponseBase:
    """Answer an address that is none of ours.

    Raises:
        Http404: always.
    """
    raise Http404


def _patterns() -> list[URLPattern]:
    """Return the addresses, each open to programs."""
    api = Api(
        title="Switchyard", version="1", description=DESCRIPTION, docs_url=None, urls_namespace=NAMESPACE
    )
    autodiscover_modules("endpoints")
    for router in all_routers():
        api.add_router("", router)
    handle_errors(api)
    patterns = [*cast("list[URLPattern]", api.urls[0]), re_path("", nothing_here)]
    for pattern in patterns:
        open_to_programs(pattern)
    return patterns


app_name = NAMESPACE
urlpatterns = _patterns()
