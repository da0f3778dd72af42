"""The page of metrics on a port of its own, for hosts without a web server."""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.conf import settings
from django.db import connection
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST

from jobs.scraping.admission import refusal
from jobs.scraping.page import page

SILENCE_SECONDS = 5
"""How long a client may say nothing."""


class PortTaken(Exception):
    """The port is not to be had."""


class _Handler(BaseHTTPRequestHandler):
    """Answers GET /metrics, and nothing else."""

    timeout = SILENCE_SECONDS
    server_version, sys_version = "switchyard", ""

    def do_GET(self) -> None:
        """Tell the metrics to who may read them."""
        refused = refusal(headers=dict(self.headers.items()), client=self.client_address[0])
        if self.path.partition("?")[0] != "/metrics":
            self._answer(HTTPStatus.NOT_FOUND, b"The metrics are at /metrics.\n", {})
        elif refused is not None:
            self._answer(refused.status, refused.says.encode(), refused.headers)
        else:
            self._answer(HTTPStatus.OK, _text(), {"Content-Type": CONTENT_TYPE_LATEST})

    def _answer(self, status: int, text: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": "text/plain",
            **headers,
            "Content-Length": str(len(text)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing: scrapes come every few seconds."""


def _text() -> bytes:
    try:
        return page.text(now=timezone.now())
    finally:
        connection.close()  # the thread ends with its client


def serve(*, port: int) -> ThreadingHTTPServer:
    """Serve the page on `port` (0 for any free one) in threads of its own, and return the server.

    Others than this machine reach it only when there is a token.

    Raises:
        PortTaken: the port is not to be had.
    """
    host = "0.0.0.0" if settings.METRICS_TOKEN else "127.0.0.1"  # noqa: S104  (behind the token)
    try:
        server = ThreadingHTTPServer((host, port), _Handler)
    except OSError as error:
        message = f"The port {port} for metrics is not to be had: {error.strerror}."
        raise PortTaken(message) from error
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
