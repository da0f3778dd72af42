"""What load balancers and containers ask."""

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings


@pytest.mark.django_db
def test_healthy_process_says_so_to_anyone(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_process_without_its_database_says_why(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        message = "The database is away."
        raise OperationalError(message)

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json() == {"status": "down", "reason": "The database does not answer."}


@pytest.mark.django_db
def test_health_is_asked_without_tls_also_in_production(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/health").status_code == 200
    assert client.get("/sign-in/").status_code == 301
