"""The receiver of webhooks: keeps each message before it answers, and may answer badly, late or never."""

import json
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError
from switchyard.yard.ports import LOOPBACK

POLL_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message that came in."""

    path: str
    """Of the webhook that it was sent to."""
    message_id: str
    event: str
    """Its type, such as `job.ended`."""
    told: dict[str, Any]
    is_genuine: bool
    """Whether the signature is that of the webhook's secret, as the receivers' own package says."""
    was_refused: bool
    """Whether the receiver said no: it asked for this message again."""


class Receiver:
    """A real HTTP server for the webhooks of all schools, each under a path of its own."""

    def __init__(self) -> None:
        """Serve on a free port of loopback, from threads of its own."""
        self.secrets: dict[str, str] = {}
        """The secret of each path's webhook; a path without one is not known here."""
        self.messages: list[Message] = []
        self._unanswered = 0
        self._refuses_until = self._hangs_until = self._hangs_up_until = 0.0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.receive(self)

            def log_message(self, *_: object) -> None:
                """Be quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A caller that was killed in the middle is what this is for."""

        self._server = Server((LOOPBACK, 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), name="receiver", daemon=True
        )
        self._thread.start()

    def url(self, path: str) -> str:
        """Return the address of the webhook at `path`."""
        return f"http://{LOOPBACK}:{self.port}{path}"

    def leave_unanswered(self, count: int, *, seconds: float) -> None:
        """Keep the next `count` messages of the next `seconds`, and hang up in place of an answer.

        Without the limit in time a breaker that is open would find them one after the other, for minutes.
        """
        self._unanswered, self._hangs_up_until = count, time.monotonic() + seconds

    def refuse(self, seconds: float) -> None:
        """Answer 503 for `seconds`."""
        self._refuses_until = time.monotonic() + seconds

    def hang(self, seconds: float) -> None:
        """Take messages in, and answer none of them before `seconds` have passed."""
        self._hangs_until = time.monotonic() + seconds

    def receive(self, handler: BaseHTTPRequestHandler) -> None:
        """Keep one message, then answer it as asked for."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        refused = time.monotonic() < self._refuses_until
        self.messages.append(self._read(handler, body, refused=refused))
        threading.Event().wait(max(0.0, self._hangs_until - time.monotonic()))
        if not refused and self._unanswered > 0 and time.monotonic() < self._hangs_up_until:
            self._unanswered -= 1
            handler.close_connection = True
            return
        handler.send_response(HTTPStatus.SERVICE_UNAVAILABLE if refused else HTTPStatus.NO_CONTENT)
        handler.end_headers()

    def _read(self, handler: BaseHTTPRequestHandler, body: bytes, *, refused: bool) -> Message:
        payload = json.loads(body)
        return Message(
            path=handler.path,
            message_id=handler.headers["webhook-id"],
            event=payload["type"],
            told=payload["data"],
            is_genuine=is_genuine(
                self.secrets.get(handler.path, ""), body=body, headers=dict(handler.headers)
            ),
            was_refused=refused,
        )

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def is_genuine(secret: str, *, body: bytes, headers: dict[str, str]) -> bool:
    """Say whether a message with these headers was signed with `secret` just now."""
    if not secret:
        return False
    try:
        Webhook(secret).verify(body, headers)
    except (WebhookVerificationError, ValueError):
        return False
    return True
