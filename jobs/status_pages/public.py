"""Answers that anybody may have, without sign-in: cheap, without the database, unchanged ones as 304."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponseBase]
KEPT_SECONDS = 5
"""Browsers and proxies in between may show an answer for so long without asking."""


def public(view: View) -> View:
    """Let anybody read `view`, and answer 304 to who has its contents already."""

    @login_not_required
    @require_safe
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if not isinstance(response, HttpResponse) or response.status_code != 200:  # noqa: PLR2004 - HTTP's OK
            return response
        etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
        response["ETag"] = etag
        response["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
        return get_conditional_response(request, etag=etag, response=response) or response

    return answered


def as_json(body: Any) -> HttpResponse:
    """Return `body` as programs of any site may read it."""
    answer = HttpResponse(
        json.dumps(body, separators=(",", ":")), content_type="application/json; charset=utf-8"
    )
    answer["Access-Control-Allow-Origin"] = "*"
    return answer
