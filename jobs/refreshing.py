"""Parts of pages that browsers ask for again and again: one that is still the same is not sent again."""

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers, get_conditional_response
from django.utils.http import quote_etag

OK = 200
MASKED = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
"""Looks different each time, and is as good as before."""


def refreshed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Answer 304 where a part of a page is what the browser shows, and let nobody keep it.

    It is made all the same: what is spared is sending it and putting it in place.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        if response.status_code != OK:
            return response
        etag = quote_etag(hashlib.sha256(MASKED.sub(b"", response.content)).hexdigest()[:32])
        response["ETag"] = etag
        return get_conditional_response(request, etag=etag, response=response) or response

    return answer
