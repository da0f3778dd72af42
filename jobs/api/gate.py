"""What stands before every endpoint: no sign-in page, JSON of a sensible size, problems as answers."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from jobs.api import errors, problems

View = Callable[..., HttpResponseBase]

MOST_BYTES = 256 * 1024
MEDIA_TYPE = "application/json"


def open_to_programs(pattern: URLPattern) -> None:
    """Let programs reach the view of `pattern`, which asks for a token itself.

    No cookie counts here, so a forged form of another site reaches nothing and needs no CSRF token.
    """
    pattern.callback = login_not_required(csrf_exempt(never_cache(_guarded(pattern.callback))))


def _guarded(view: View) -> View:
    @wraps(view, updated=())
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            _check_body(request)
            response = view(request, *args, **kwargs)
        except (problems.Problem, Http404) as error:
            return errors.answer(request, error)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            refused = problems.method_not_allowed(response["Allow"]).response()
            refused["Allow"] = response["Allow"]
            return refused
        return response

    return guarded


def _check_body(request: HttpRequest) -> None:
    """Refuse a body that is too large before it is read, and one that is not JSON.

    Raises:
        Problem: 411, 413 or 415.
    """
    if "Transfer-Encoding" in request.headers:
        raise problems.length_missing()
    length = request.headers.get("content-length") or "0"
    if not length.isdecimal() or int(length) == 0:
        return
    if int(length) > MOST_BYTES:
        raise problems.too_large(MOST_BYTES)
    if request.content_type != MEDIA_TYPE or "Content-Encoding" in request.headers:
        raise problems.not_json()
