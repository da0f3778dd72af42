"""The refusals of the API, as RFC 9457 wants them said, each with what to do about it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.insisting import ASK_AGAIN_SECONDS
from jobs.language import Words, either

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:switchyard:problem:{name}"
CHALLENGE = "WWW-Authenticate"
"""Says to programs what is wrong with their token, in the words of RFC 6750."""


class Problem(Exception):
    """A request that is refused, as the program will read it."""

    def __init__(
        self,
        *,
        name: str,
        status: int,
        title: str,
        detail: str,
        remedy: str,
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Say which problem it is, what it was this time, and what to do about it."""
        super().__init__(detail)
        self.status = status
        self.headers = dict(headers or {})
        self.members: dict[str, Any] = {
            "type": TYPE.format(name=name),
            "title": title,
            "status": status,
            "detail": detail,
            "remedy": remedy,
            "errors": [{"field": field, "detail": sentence} for field, sentence in (errors or {}).items()],
        }

    def response(self) -> HttpResponse:
        """Return the answer that says so."""
        return JsonResponse(self.members, status=self.status, content_type=MEDIA_TYPE, headers=self.headers)


def no_token() -> Problem:
    """Nobody is let in: there is no token, or one that we do not know."""
    return Problem(
        name="no-token",
        status=401,
        title=_("No valid token"),
        detail=_("The request brings no token, or one that we do not know."),
        remedy=_(
            "Send the header `Authorization: Bearer sy_…`; staff of the school make tokens at /tokens/."
        ),
        headers={CHALLENGE: "Bearer"},
    )


def school_is_off(detail: str) -> Problem:
    """The school's programs are let in no more for now."""
    return Problem(
        name="school-off",
        status=403,
        title=_("The school is switched off"),
        detail=detail,
        remedy=_("Ask the administrators of the platform; the token works again once the school is on."),
    )


def token_spent(detail: str) -> Problem:
    """The token lets nobody in any more."""
    return Problem(
        name="token-spent",
        status=401,
        title=_("The token is not valid any more"),
        detail=detail,
        remedy=_(
            "Staff of the school make a new one at /tokens/; give it to the program in place of this one."
        ),
        headers={CHALLENGE: 'Bearer error="invalid_token"'},
    )


def too_many_requests(*, most: int, seconds: int) -> Problem:
    """The token is used more often than it may be."""
    return Problem(
        name="too-many-requests",
        status=429,
        title=_("Too many requests"),
        detail=_("A token may be used {most:,} times a minute.").format(most=most),
        remedy=_(
            "Wait {seconds} seconds, then send the request again; ask less often for the same job."
        ).format(seconds=seconds),
        headers={"Retry-After": str(seconds)},
    )


def scope_missing(scope: str) -> Problem:
    """The token was not made for this."""
    return Problem(
        name="scope-missing",
        status=403,
        title=_("The token does not allow this"),
        detail=_("This needs a token with the scope {scope}.").format(scope=scope),
        remedy=_("Make a token with this scope at /tokens/, and revoke this one."),
        headers={CHALLENGE: f'Bearer error="insufficient_scope", scope="{scope}"'},
    )


KEY_REMEDY = gettext_lazy(
    "Send one of your own for each job, up to 90 printable ASCII characters, such as a UUID."
)


def key_missing() -> Problem:
    """A submission without a key could not be repeated safely."""
    return Problem(
        name="key-missing",
        status=400,
        title=_("No Idempotency-Key"),
        detail=_("The request has no header Idempotency-Key, so sending it twice would do it twice."),
        remedy=str(KEY_REMEDY),
    )


def key_unusable(flaw: str) -> Problem:
    """The key is too long, or holds what no header should."""
    return Problem(
        name="key-unusable",
        status=400,
        title=_("The Idempotency-Key cannot be used"),
        detail=_("The header Idempotency-Key cannot be used. {flaw}").format(flaw=flaw),
        remedy=str(KEY_REMEDY),
    )


HERE_REMEDY = gettext_lazy("Check the address and the id; GET /api/v1/jobs lists what there is.")
LANES_REMEDY = gettext_lazy("Name one of these lanes; GET /api/v1/workers lists them with their workers.")


def nothing_here(detail: str = "", *, remedy: Words = HERE_REMEDY) -> Problem:
    """The address or an id leads to nothing of the school."""
    return Problem(
        name="nothing-here",
        status=404,
        title=_("Nothing here"),
        detail=detail or _("Nothing of your school is at this address."),
        remedy=str(remedy),
    )


def method_not_allowed(method: str, *, allowed: str) -> Problem:
    """The address knows other methods."""
    return Problem(
        name="method-not-allowed",
        status=405,
        title=_("Method not allowed"),
        detail=_("This address does not take {method}.").format(method=method),
        remedy=_("Use {allowed}.").format(allowed=either(allowed.split(", "))),
        headers={"Allow": allowed},
    )


def wrong_fields(errors: Mapping[str, str]) -> Problem:
    """Fields cannot be used; each is named."""
    return Problem(
        name="wrong-fields",
        status=422,
        title=_("Fields cannot be used"),
        detail=" ".join(f"{field}: {sentence}" for field, sentence in errors.items()),
        remedy=_("Correct the fields under `errors` and send the request again."),
        errors=errors,
    )


UNREADABLE = gettext_lazy("The body cannot be read as JSON in UTF-8.")
EMPTY = gettext_lazy("The request has no body.")
NO_OBJECT = gettext_lazy("The body is JSON, but not an object.")


def no_json(detail: Words = UNREADABLE) -> Problem:
    """The body is no JSON object."""
    return Problem(
        name="no-json",
        status=400,
        title=_("No JSON object"),
        detail=str(detail),
        remedy=_("Send one JSON object, as in {…}; /api/v1/openapi.json describes its fields."),
    )


def conflict(
    error: Exception, *, name: str, title: Words, remedy: Words, errors: Mapping[str, str] | None = None
) -> Problem:
    """It cannot be done as things stand; the error's own sentence says why, `errors` which fields do."""
    return Problem(
        name=name, status=409, title=str(title), detail=str(error), remedy=str(remedy), errors=errors
    )


def length_missing() -> Problem:
    """The body comes in chunks, so that nobody knows how long it will be."""
    return Problem(
        name="length-missing",
        status=411,
        title=_("Length required"),
        detail=_("The body comes in chunks, and its length is not said."),
        remedy=_("Send the header Content-Length instead of Transfer-Encoding."),
    )


SMALLER = gettext_lazy("Ask for several smaller jobs.")


def too_large(most_bytes: int, *, remedy: Words = SMALLER) -> Problem:
    """The body is longer than any request needs to be."""
    return Problem(
        name="too-large",
        status=413,
        title=_("Body too large"),
        detail=_("A body can have {most_bytes:,} bytes.").format(most_bytes=most_bytes),
        remedy=str(remedy),
    )


def not_json() -> Problem:
    """The body is of another media type."""
    return Problem(
        name="not-json",
        status=415,
        title=_("JSON only"),
        detail=_("The body is not declared as JSON."),
        remedy=_("Send the header `Content-Type: application/json`, without compression."),
    )


def no_plain_file() -> Problem:
    """The body is a form or is compressed, where the file itself is wanted."""
    return Problem(
        name="no-plain-file",
        status=415,
        title=_("The file itself only"),
        detail=_("The body is a form, or is compressed on the way."),
        remedy=_("Send the file's bytes as the body, with a Content-Type such as `text/csv`."),
    )


def broken_off() -> Problem:
    """The body is shorter than its header says."""
    return Problem(
        name="broken-off",
        status=400,
        title=_("The body broke off"),
        detail=_("The body has fewer bytes than the header Content-Length says."),
        remedy=_("Send the request again, with the same Idempotency-Key."),
    )


def database_away() -> Problem:
    """The database does not answer, so that nothing can be said of any job."""
    return Problem(
        name="database-away",
        status=503,
        title=_("Not available at this moment"),
        detail=_("The platform's database does not answer, so nothing can be read or changed just now."),
        remedy=_(
            "Wait {ASK_AGAIN_SECONDS} seconds, then send it again, with the same Idempotency-Key."
        ).format(ASK_AGAIN_SECONDS=ASK_AGAIN_SECONDS),
        headers={"Retry-After": str(ASK_AGAIN_SECONDS)},
    )


def our_fault() -> Problem:
    """Something went wrong that the program cannot know."""
    return Problem(
        name="our-fault",
        status=500,
        title=_("Something went wrong on our side"),
        detail=_("The people who run the platform can see the details."),
        remedy=_("Send the request again later, with the same Idempotency-Key."),
    )
