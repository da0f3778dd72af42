"""Flower behind the sign-in: reads pass for ops, everything else stays out."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from jobs.models import Role
from jobs.testing import make_person

pytestmark = pytest.mark.django_db


class FakeFlower(BaseHTTPRequestHandler):
    """Answers like Flower behind its prefix and remembers what it was asked."""

    heard: list[tuple[str, str, dict[str, str], bytes]]
    status = 200

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.heard.append((self.command, self.path, dict(self.headers.items()), self.rfile.read(length)))
        body = b"<h1>Broker</h1>"
        self.send_response(self.status)
        self.send_header("Content-Type", "text/html; charset=UTF-8")
        self.send_header("Set-Cookie", "_xsrf=secret")
        self.send_header("WWW-Authenticate", "Basic")
        self.send_header("Etag", '"broker-1"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


@pytest.fixture
def flower(settings: Settings) -> Iterator[type[FakeFlower]]:
    handler = type("Handler", (FakeFlower,), {"heard": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.FLOWER_URL = f"http://127.0.0.1:{server.server_port}"
    settings.FLOWER_SECRET = "only-the-yard-knows"
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ops(client: Client) -> Client:
    client.force_login(make_person(role=Role.OPS))
    return client


def test_ops_read_flower_with_its_secret_and_without_their_cookies(
    ops: Client, flower: type[FakeFlower]
) -> None:
    response = ops.get("/ops/flower/tasks?sort=name%20a", headers={"if-none-match": '"old"'})
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"<h1>Broker</h1>"
    method, path, headers, _ = flower.heard[0]
    assert (method, path) == ("GET", "/ops/flower/tasks?sort=name%20a")
    assert headers["Authorization"].startswith("Basic ")
    assert headers["If-None-Match"] == '"old"'
    assert "Cookie" not in headers


def test_only_harmless_headers_come_back(ops: Client, flower: type[FakeFlower]) -> None:
    response = ops.get("/ops/flower/")
    assert b"".join(response.streaming_content)
    assert response["Content-Type"] == "text/html; charset=UTF-8"
    assert response["ETag"] == '"broker-1"'
    assert response["X-Frame-Options"] == "DENY"
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "WWW-Authenticate" not in response
    assert "_xsrf" not in response.cookies
    assert len(flower.heard) == 1


def test_the_task_table_may_send_its_long_query(ops: Client, flower: type[FakeFlower]) -> None:
    response = ops.post("/ops/flower/tasks/datatable", {"draw": "1"})
    assert b"".join(response.streaming_content)
    assert flower.heard[0][0] == "POST"
    assert b'name="draw"' in flower.heard[0][3]


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_nothing_that_could_change_a_worker_passes(
    ops: Client, flower: type[FakeFlower], method: str
) -> None:
    assert getattr(ops, method)("/ops/flower/api/worker/shutdown/codes@host").status_code == 405
    assert flower.heard == []


def test_staff_are_refused_in_plain_words(client: Client, flower: type[FakeFlower]) -> None:
    client.force_login(make_person())
    response = client.get("/ops/flower/broker")
    assert response.status_code == 403
    assert "for the operations team" in response.content.decode()
    assert flower.heard == []


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    response = client.get("/ops/flower/broker")
    assert response["Location"] == "/sign-in/?next=/ops/flower/broker"


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:1"])
def test_flower_that_is_down_gets_a_clear_page(ops: Client, settings: Settings, address: str) -> None:
    settings.FLOWER_URL = address
    response = ops.get("/ops/flower/broker")
    assert response.status_code == 502
    assert "Flower does not answer" in response.content.decode()


def test_flower_that_refuses_the_secret_counts_as_down(ops: Client, flower: type[FakeFlower]) -> None:
    flower.status = 401
    assert ops.get("/ops/flower/broker").status_code == 502
