"""The form of a packet is as it was left, until it is built."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from jobs.models import School, TypedForm
from packets.models import DocumentType

pytestmark = pytest.mark.django_db

NEW = "/packets/new/"


def test_packet_is_as_it_was_left_until_it_is_built(client: Client, school: School, students: Any) -> None:
    amy = students.add(school, "Amy Adams", major="Physics")
    students.add(school, "Ben Brown", major="Physics")
    students.add(school, "Cem Celik", major="Law")
    fields = {
        "form_key": uuid4().hex,
        "title": "Half a tit",
        "document_types": [DocumentType.RESUME],
        "students": [amy.id],
    }
    client.post("/typed/packet/", {**fields, "found": "major=Physics"})
    page = client.get(NEW).content.decode()
    assert 'value="Half a tit"' in page
    assert "is still here" in page
    assert re.findall(r'id="student_(\d+)" checked', page) == [str(amy.id)]
    assert ("Ben Brown" in page, "Cem Celik" in page) == (True, False)
    assert fields["form_key"] not in page
    client.post(NEW, fields)
    assert not TypedForm.objects.exists()


def test_address_of_a_filter_or_a_template_counts_more(client: Client, school: School, students: Any) -> None:
    students.add(school, "Amy Adams", major="Physics")
    students.add(school, "Cem Celik", major="Law")
    client.post("/typed/packet/", {"title": "Half a tit", "found": "major=Physics"})
    page = client.get(NEW, {"major": "Law"}).content.decode()
    assert 'value="Half a tit"' in page
    assert ("Amy Adams" in page, "Cem Celik" in page) == (False, True)
