"""What a person reads when a request is refused before it reaches a view, or comes to no end in one."""

import sys
from collections.abc import Callable
from typing import NamedTuple

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from jobs.insisting import ASK_AGAIN_SECONDS, broke_off

HTML = "text/html"
log = structlog.get_logger()


class Refusal(NamedTuple):
    """What was wrong, and what to do."""

    title: str
    advice: str


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say in plain words why the request was refused; what it held was thrown away."""
    return render(request, "400.html", {"refusal": _refusal(exception)}, status=400)


def crashed(request: HttpRequest) -> HttpResponse:
    """Say that the database is away, or that something went wrong on our side; nothing is read for it."""
    error = sys.exception()
    if not broke_off(error):
        return server_error(request)
    log.warning("database_unreachable", error=type(error).__name__)
    # Without the request: who is signed in stands in the database.
    page = render_to_string("503.html")
    return HttpResponse(page, status=503, headers={"Retry-After": str(ASK_AGAIN_SECONDS)})


def other_ways_are_told(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer a person who opens what only takes a form with a page, in place of Django's empty one."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if (
            isinstance(response, HttpResponseNotAllowed)
            and not response.content
            and HTML in request.headers.get("accept", "")
        ):
            response.content = render_to_string("405.html", request=request)
        return response

    return answer


def _refusal(exception: Exception) -> Refusal:
    match exception:
        case TooManyFilesSent():
            most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
            return Refusal(
                _("Too many files at once"),
                _(
                    "At most {most} files can be sent with one form. Choose fewer, or join some of them."
                ).format(most=most),
            )
        case TooManyFieldsSent():
            most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
            return Refusal(
                _("Too many fields at once"),
                _(
                    "At most {most} fields and ticks can be sent with one form. Choose fewer, in two goes."
                ).format(most=most),
            )
        case RequestDataTooBig():
            size = filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
            return Refusal(
                _("Too much text at once"),
                _(
                    "At most {size} of text can be sent with one form. Shorten it, or attach it as a file."
                ).format(size=size),
            )
        case _:
            return Refusal(
                _("This request could not be read"),
                _("Its address or its form is not as our pages make them. Go back and load the page again."),
            )
