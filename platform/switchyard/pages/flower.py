"""Flower behind the platform's sign-in: passes reads on to it and nothing else."""

from collections.abc import Iterator
from typing import Any

import requests
from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse

CONNECT_SECONDS = 2
READ_SECONDS = 10
BLOCK_BYTES = 1 << 16
# The only POST that reads: Flower's task table sends its long query this way.
READING_POSTS = frozenset({"tasks/datatable"})
REFUSALS = frozenset({401, 502, 503, 504})
ASKED_ON = ("Accept", "If-None-Match", "If-Modified-Since", "X-Requested-With")
ANSWERED_ON = ("Content-Type", "ETag", "Last-Modified", "Cache-Control", "Expires")
# Flower's pages need styles in the page, pictures in its style sheets, the one script in the page of
# workers that says how often it refreshes, and nothing from elsewhere.
POLICY = (
    "default-src 'self'; script-src 'self' 'sha256-A0YIP5A+DKoseGAUTHRoMPDkKPK5cKzfYH3mjcCKtj8='; "
    "img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
)


class FlowerIsDown(Exception):
    """Flower gave no usable answer."""


def allows(*, method: str, path: str) -> bool:
    """Say whether a request of `method` to `path` below Flower's root only reads."""
    return method in {"GET", "HEAD"} or (method == "POST" and path in READING_POSTS)


def fetch(request: HttpRequest) -> StreamingHttpResponse:
    """Pass `request` on to Flower, which serves the same path, and stream its answer back.

    The person's cookies stay here and Flower's stay there.

    Raises:
        FlowerIsDown: it is not set up, does not answer within a few seconds, or refuses its secret.
    """
    answer = _pass_on(request)
    response = StreamingHttpResponse(_blocks(answer), status=answer.status_code)
    for name in ANSWERED_ON:
        if name in answer.headers:
            response[name] = answer.headers[name]
    response["Content-Security-Policy"] = POLICY
    return response


def _pass_on(request: HttpRequest) -> requests.Response:
    headers = {name: request.headers[name] for name in ASKED_ON if name in request.headers}
    headers["Accept-Encoding"] = "identity"
    if request.method == "POST":
        headers["Content-Type"] = request.headers.get("Content-Type", "")
    return _ask(request.method or "GET", request.get_full_path(), headers=headers, data=request.body or None)


def _ask(method: str, address: str, **given: Any) -> requests.Response:
    if not settings.FLOWER_URL:
        message = "FLOWER_URL is empty."
        raise FlowerIsDown(message)
    try:
        answer = requests.request(
            method,
            settings.FLOWER_URL.rstrip("/") + address,
            auth=("ops", settings.FLOWER_SECRET),
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
            **given,
        )
    except requests.RequestException as error:
        raise FlowerIsDown(type(error).__name__) from error
    if answer.status_code in REFUSALS:
        answer.close()
        message = f"Flower answered {answer.status_code}."
        raise FlowerIsDown(message)
    return answer


def _blocks(answer: requests.Response) -> Iterator[bytes]:
    with answer:
        yield from answer.iter_content(BLOCK_BYTES)
