"""A real HTTP server that receives webhooks, for tests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = int | tuple[int, dict[str, str], bytes] | Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Receiver:
    """What a server got, and what it answers next; the last answer is given again and again."""

    port: int = 0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=lambda: [200])
    ended: threading.Event = field(default_factory=threading.Event)
    """Set when the test ends: whoever hangs goes on then."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hooks?team=7"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Keep the request and answer it."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.got.append(({name.lower(): value for name, value in handler.headers.items()}, body))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if callable(reply):
            reply(handler)
            return
        status, headers, content = reply if isinstance(reply, tuple) else (reply, {}, b"thanks")
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def hang(self, _handler: BaseHTTPRequestHandler) -> None:
        """Answer nothing until the test ends."""
        self.ended.wait(timeout=60)

    def drip(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one sign after the other, for ever."""
        while not self.ended.wait(timeout=0.02):
            handler.wfile.write(b"H")
            handler.wfile.flush()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver within the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                receiver.answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.ended.set()
            server.shutdown()
            thread.join()
