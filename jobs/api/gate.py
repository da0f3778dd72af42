"""What stands before every endpoint: no sign-in page, JSON of a sensible size, problems as answers."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from jobs.api import errors, problems, routers
from jobs.api.auth import quota_of
from jobs.quotas import MINUTE_SECONDS
from jobs.sections import MEGABYTE
from jobs.settings import switchyard

View = Callable[..., HttpResponseBase]

MOST_BYTES = 256 * 1024
MEDIA_TYPE = "application/json"
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def open_to_programs(pattern: URLPattern) -> None:
    """Let programs reach the view of `pattern`, which asks for a token itself.

    No cookie counts here, so a forged form of another site reaches nothing and needs no CSRF token.
    """
    check = _check_file if routers.takes_files(str(pattern.pattern)) else _check_body
    pattern.callback = login_not_required(csrf_exempt(never_cache(_guarded(pattern.callback, check=check))))


def _guarded(view: View, *, check: Callable[[HttpRequest], None]) -> View:
    @wraps(view, updated=())
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            check(request)
            response = view(request, *args, **kwargs)
        except (problems.Problem, Http404, DatabaseError, InterfaceError) as error:
            return errors.answer(request, error)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return problems.method_not_allowed(request.method or "", allowed=response["Allow"]).response()
        _tell_quota(request, response)
        return response

    return guarded


def _tell_quota(request: HttpRequest, response: HttpResponseBase) -> None:
    """Say what is left to the token, as draft-ietf-httpapi-ratelimit-headers-10 has it."""
    quota = quota_of(request)
    if quota is not None:
        response["RateLimit-Policy"] = f'"token";q={quota.most};w={MINUTE_SECONDS}'
        response["RateLimit"] = f'"token";r={quota.whole_left};t={quota.full_in_seconds}'


def _check_body(request: HttpRequest) -> None:
    """Refuse a body that is too large before it is read, and one that is not JSON.

    Raises:
        Problem: 411, 413 or 415.
    """
    length = _length_of(request)
    if not length:
        return
    if length > MOST_BYTES:
        raise problems.too_large(MOST_BYTES)
    if request.content_type != MEDIA_TYPE or "Content-Encoding" in request.headers:
        raise problems.not_json()


def _check_file(request: HttpRequest) -> None:
    """Refuse a file that is too large before it is read, and one that is wrapped in something.

    An endpoint that takes files is at an address that takes JSON or nothing by other methods.

    Raises:
        Problem: 411, 413 or 415.
    """
    if request.method != "PUT":
        _check_body(request)
        return
    most = int(switchyard().files.upload_megabytes * MEGABYTE)
    if _length_of(request) > most:
        raise problems.too_large(most, remedy=_("Split the file."))
    if request.content_type in FORMS or "Content-Encoding" in request.headers:
        raise problems.no_plain_file()


def _length_of(request: HttpRequest) -> int:
    """Return how many bytes the body has.

    Raises:
        Problem: 411, it is not said.
    """
    if "Transfer-Encoding" in request.headers:
        raise problems.length_missing()
    length = request.headers.get("content-length") or "0"
    return int(length) if length.isdecimal() else 0
