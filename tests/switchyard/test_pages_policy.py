"""What browsers are told that a page may load and do."""

import pytest
from django.test import Client

from jobs.models import Role
from jobs.testing import make_person


def directives_of(policy: str) -> dict[str, list[str]]:
    parts = [part.split() for part in policy.split(";")]
    return {name: sources for name, *sources in parts}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/status/", "/ops/", "/admin/", "/nowhere/"])
def test_pages_load_from_here_alone_and_hold_no_script_themselves(client: Client, address: str) -> None:
    client.force_login(make_person(school=None, role=Role.ADMIN))

    policy = directives_of(client.get(address)["Content-Security-Policy"])

    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]


@pytest.mark.django_db
def test_forms_lead_elsewhere_from_the_page_of_signing_in_alone(client: Client) -> None:
    policy = directives_of(client.get("/sign-in/")["Content-Security-Policy"])
    assert policy["form-action"] == ["'self'", "https:"]
