"""The metrics are never open to the world by mistake."""

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from django.core.management import CommandError
from django.test import Client
from pytest_django import Settings

from jobs.checks import check_metrics
from jobs.management.commands.supervisor import serve_metrics
from jobs.scraping.admission import NOT_FROM_HERE, WRONG_TOKEN, refusal
from jobs.scraping.serving import serve

TOKEN = "a-token-that-nobody-guesses"
HERE = {"Host": "127.0.0.1:8000"}


@pytest.mark.parametrize(
    ("client", "headers"),
    [("127.0.0.1", HERE), ("127.8.0.1", {"host": "localhost"}), ("::1", {"Host": "[::1]:9100"})],
)
def test_without_a_token_this_machine_may_read(client: str, headers: dict[str, str]) -> None:
    assert refusal(headers=headers, client=client) is None


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        ("10.0.0.7", HERE),
        ("", HERE),
        ("127.0.0.1", {"Host": "careers.example.edu"}),
        ("127.0.0.1", {}),
        ("127.0.0.1", HERE | {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", HERE | {"forwarded": "for=1.2.3.4"}),
        ("127.0.0.1", HERE | {"X-Real-IP": "1.2.3.4"}),
        ("127.0.0.1", HERE | {"Via": "1.1 proxy"}),
    ],
)
def test_without_a_token_nobody_else_may_nor_through_a_proxy(client: str, headers: dict[str, str]) -> None:
    assert refusal(headers=headers, client=client) is NOT_FROM_HERE


def test_with_a_token_everybody_needs_it(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert refusal(headers={"authorization": f"Bearer {TOKEN}"}, client="10.0.0.7") is None
    for sent in ("", TOKEN, f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer "):
        assert refusal(headers=HERE | {"Authorization": sent}, client="127.0.0.1") is WRONG_TOKEN


@pytest.mark.django_db
def test_page_answers_who_may_not_read_with_the_reason(client: Client, settings: Settings) -> None:
    settings.BEHIND_PROXY = settings.SECURE_SSL_REDIRECT = True
    refused = client.get("/metrics", HTTP_HOST="127.0.0.1", HTTP_X_FORWARDED_FOR="127.0.0.1")
    assert (refused.status_code, "METRICS_TOKEN" in refused.content.decode()) == (403, True)
    settings.METRICS_TOKEN = TOKEN
    refused = client.get("/metrics")
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
    read = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert (read.status_code, read["Content-Type"][:10]) == (200, "text/plain")
    assert "no-store" in read["Cache-Control"]
    assert client.post("/metrics").status_code == 405


@pytest.fixture
def port(transactional_db: None) -> Iterator[int]:
    """The port of a server of metrics on this machine."""
    server = serve(port=0)
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def ask(port: int, path: str = "/metrics", **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  (ours)
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_supervisor_serves_the_same_page_under_the_same_rule(port: int, settings: Settings) -> None:
    status, text = ask(port)
    assert (status, 'switchyard_workers_wanted{lane="codes"} 2.0' in text) == (200, True)
    assert ask(port, Via="1.1 proxy")[0] == 403
    assert ask(port, "/")[0] == 404
    settings.METRICS_TOKEN = TOKEN
    assert ask(port)[0] == 401
    assert ask(port, Authorization=f"Bearer {TOKEN}")[0] == 200


def test_server_without_a_token_listens_on_this_machine_only(settings: Settings) -> None:
    for token, address in (("", "127.0.0.1"), (TOKEN, "0.0.0.0")):  # noqa: S104
        settings.METRICS_TOKEN = token
        server = serve(port=0)
        server.shutdown()
        server.server_close()
        assert server.server_address[0] == address


def test_port_that_is_taken_stops_the_supervisor(port: int) -> None:
    with pytest.raises(CommandError, match=f"The port {port} for metrics is not to be had"):
        serve_metrics(port)


def test_short_token_stops_the_start(settings: Settings) -> None:
    assert check_metrics() == []
    settings.METRICS_TOKEN = "short"
    [error] = check_metrics()
    assert (error.id, "5 characters" in error.msg, "short" in error.msg) == ("jobs.E006", True, False)
    settings.METRICS_TOKEN = TOKEN
    assert check_metrics() == []
