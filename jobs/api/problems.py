"""The refusals of the API, as RFC 9457 wants them said, each with what to do about it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:switchyard:problem:{name}"
NO_TOKEN = 401


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
    ) -> None:
        """Say which problem it is, what it was this time, and what to do about it."""
        super().__init__(detail)
        self.status = status
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
        headers = {"WWW-Authenticate": "Bearer"} if self.status == NO_TOKEN else {}
        return JsonResponse(self.members, status=self.status, content_type=MEDIA_TYPE, headers=headers)


def no_token() -> Problem:
    """Nobody is let in: the token is missing, unknown, expired or revoked."""
    return Problem(
        name="no-token",
        status=NO_TOKEN,
        title="No valid token",
        detail="The request brings no token, or one that is unknown, expired or revoked.",
        remedy="Send the header `Authorization: Bearer sy_…`; staff of the school make tokens at /tokens/.",
    )


def scope_missing(scope: str) -> Problem:
    """The token was not made for this."""
    return Problem(
        name="scope-missing",
        status=403,
        title="The token does not allow this",
        detail=f"This needs a token with the scope {scope}.",
        remedy="Make a token with this scope at /tokens/, and revoke this one.",
    )


def key_missing() -> Problem:
    """A submission without a key could not be repeated safely."""
    return Problem(
        name="key-missing",
        status=400,
        title="No Idempotency-Key",
        detail="The request has no usable header Idempotency-Key, so sending it twice would do it twice.",
        remedy="Send one of your own for each job, up to 90 printable ASCII characters, such as a UUID.",
    )


def nothing_here(detail: str = "") -> Problem:
    """The address or an id leads to nothing of the school."""
    return Problem(
        name="nothing-here",
        status=404,
        title="Nothing here",
        detail=detail or "Nothing of your school is at this address.",
        remedy="Check the address and the id; GET /api/v1/jobs lists what there is.",
    )


def method_not_allowed(allowed: str) -> Problem:
    """The address knows other methods."""
    return Problem(
        name="method-not-allowed",
        status=405,
        title="Method not allowed",
        detail="This address does not take this method.",
        remedy=f"Use one of: {allowed}.",
    )


def wrong_fields(errors: Mapping[str, str]) -> Problem:
    """Fields cannot be used; each is named."""
    return Problem(
        name="wrong-fields",
        status=422,
        title="Fields cannot be used",
        detail=" ".join(f"{field}: {sentence}" for field, sentence in errors.items()),
        remedy="Correct the fields under `errors` and send the request again.",
        errors=errors,
    )


def no_json() -> Problem:
    """The body is no JSON object."""
    return Problem(
        name="no-json",
        status=400,
        title="No JSON object",
        detail="The body cannot be read as a JSON object in UTF-8.",
        remedy="Send one JSON object.",
    )


def conflict(error: Exception, *, name: str, title: str, remedy: str) -> Problem:
    """It cannot be done as things stand; the error's own sentence says why."""
    return Problem(name=name, status=409, title=title, detail=str(error), remedy=remedy)


def length_missing() -> Problem:
    """The body comes in chunks, so that nobody knows how long it will be."""
    return Problem(
        name="length-missing",
        status=411,
        title="Length required",
        detail="The body comes in chunks, and its length is not said.",
        remedy="Send the header Content-Length instead of Transfer-Encoding.",
    )


def too_large(most_bytes: int) -> Problem:
    """The body is longer than any request needs to be."""
    return Problem(
        name="too-large",
        status=413,
        title="Body too large",
        detail=f"A body can have {most_bytes:,} bytes.",
        remedy="Ask for several smaller jobs.",
    )


def not_json() -> Problem:
    """The body is of another media type."""
    return Problem(
        name="not-json",
        status=415,
        title="JSON only",
        detail="The body is not declared as JSON.",
        remedy="Send the header `Content-Type: application/json`, without compression.",
    )


def our_fault() -> Problem:
    """Something went wrong that the program cannot know."""
    return Problem(
        name="our-fault",
        status=500,
        title="Something went wrong on our side",
        detail="The people who run the platform can see the details.",
        remedy="Send the request again later, with the same Idempotency-Key.",
    )
