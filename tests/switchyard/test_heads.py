"""Monitors and link checkers ask for the head of a page alone, and get what its reader would."""

import pytest
from django.test import Client

from jobs.models import Role
from jobs.testing import make_person
from tests.switchyard.every_address import every_address
from tests.switchyard.everything import Everything

pytestmark = pytest.mark.django_db

OTHERS = ("/admin/", "/api/v1/")
"""Pages of Django's own, and what programs ask for."""


@pytest.mark.parametrize("role", [None, Role.MANAGER, Role.ADMIN])
def test_head_of_a_page_comes_with_the_code_of_the_page(role: str | None) -> None:
    everything = Everything(number=31_007, mark="Zyxquill")
    client = Client()
    if role:
        school = everything.school if role == Role.MANAGER else None
        client.force_login(make_person(school=school, role=role))
    seen = 0
    for address in every_address(number=everything.number, slug=everything.school.slug):
        if address.path.startswith(OTHERS):
            continue
        page = client.get(address.path)
        page.getvalue()
        if page.status_code == 200:
            seen += 1
            head = client.head(address.path)
            assert (head.status_code, head.getvalue()) == (200, b""), address
            assert head["Content-Type"] == page["Content-Type"], address
    assert seen > 10
