"""Everybody whom a mailing was sent to is found by what became of their mail, by their own school alone."""

import csv
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from emails import recipient_views
from emails.models import Mailing, Recipient
from jobs import lifecycle, returning
from jobs.claiming import claim
from jobs.models import Person, Role, School
from jobs.settings import switchyard
from jobs.testing import make_person, make_school, run_parts
from tests.emails.people import A, B, C, Sent


@pytest.fixture
def address(sent: Sent, relay: Any, client: Client, author: Person) -> str:
    """The list of a mailing of which one mail is uncertain and one refused."""
    relay.drops_after_dot.add(A)
    relay.refused[B] = "550 5.1.1 no such user"
    sent()
    run_parts(lane="bulk")
    client.force_login(author)
    return f"/mailings/{Mailing.objects.get().pk}/recipients"


def rows_of(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(text.splitlines()))


def test_recipients_are_listed_by_state(client: Client, address: str) -> None:
    page = client.get(f"{address}/", {"state": "uncertain"}).content.decode()
    assert A in page
    assert B not in page
    assert "1 recipient<" in page
    everybody = client.get(f"{address}/", {"state": "nonsense"}).content.decode()
    assert all(each in everybody for each in (A, B, C))


def test_list_has_pages(client: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipient_views, "RECIPIENTS_A_PAGE", 2)
    assert "Page 1 of 2" in client.get(f"{address}/").content.decode()
    last = client.get(f"{address}/", {"page": 2}).content.decode()
    assert C in last
    assert A not in last


def test_csv_has_the_recipients_of_one_state(client: Client, address: str) -> None:
    response = client.get(f"{address}.csv", {"state": "refused"})
    assert response["Content-Disposition"].endswith('-refused.csv"')
    [head, row] = rows_of(response)
    assert head[:3] == ["Name", "Address", "State"]
    assert row[:3] == ["Bea Öz", B, "Refused"]
    assert "no such user" in row[3]
    assert len(rows_of(client.get(f"{address}.csv"))) == 4


def test_times_in_the_csv_are_those_of_the_school(client: Client, address: str) -> None:
    School.objects.get(slug=Mailing.objects.get().school.slug).tell_time_in("Asia/Tokyo")
    [_, row] = rows_of(client.get(f"{address}.csv", {"state": "accepted"}))
    assert row[4].endswith("+09:00")


def test_no_cell_of_the_csv_is_a_formula(client: Client, address: str) -> None:
    Recipient.objects.filter(address=A).update(name='=HYPERLINK("https://x.example")')
    rows = rows_of(client.get(f"{address}.csv"))
    assert rows[1][0] == '\'=HYPERLINK("https://x.example")'


def test_mail_whose_sending_broke_off_in_an_ended_job_is_uncertain(client: Client, address: str) -> None:
    Recipient.objects.filter(address=C).update(state="sending", accepted_at=None)
    rows = rows_of(client.get(f"{address}.csv", {"state": "uncertain"}))
    assert [row[1:3] for row in rows[1:]] == [[A, "Uncertain"], [C, "Uncertain"]]


def test_list_and_job_page_agree_while_a_stopped_job_finishes(
    client: Client, sent: Sent, author: Person
) -> None:
    job = sent()
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="bulk", limit=0)
    held = claim(lane=switchyard().lanes["bulk"], worker="test", now=timezone.now())
    assert held is not None
    [taken, put_off, _] = Recipient.objects.order_by("pk")
    assert taken.take()
    assert put_off.put_off(words="450 later")
    lifecycle.stop(job, by=author)
    client.force_login(author)
    address = f"/mailings/{Mailing.objects.get().pk}/recipients"
    assert states_of(client, address) == ["Being sent", "To be tried again", "Waiting"]
    assert badges_of(client, f"/jobs/{job.pk}/") == ["Being sent", "To be tried again"]
    assert len(rows_of(client.get(f"{address}.csv", {"state": "uncertain"}))) == 1
    returning.leave(held, seconds=1)
    assert states_of(client, address) == ["Uncertain", "Not sent", "Not sent"]
    assert badges_of(client, f"/jobs/{job.pk}/") == ["Uncertain", "Not sent"]


def states_of(client: Client, address: str) -> list[str]:
    """Return the states that the list tells, after those in the file were found to be the same."""
    page = client.get(f"{address}/").content.decode()
    told: list[str] = re.findall(r'data-label="State">([^<]+)<', page)
    assert told == [row[2] for row in rows_of(client.get(f"{address}.csv"))[1:]]
    return told


def badges_of(client: Client, address: str) -> list[str]:
    """Return the states in the job page's table of problems."""
    table = client.get(address).content.decode().partition('id="problems"')[2]
    return re.findall(r'class="badge[^>]*>([^<]+)<', table.partition("</table>")[0])


@pytest.mark.parametrize("ending", ["/", ".csv"])
def test_another_school_finds_nothing(client: Client, address: str, ending: str) -> None:
    client.force_login(make_person(school=make_school()))
    assert client.get(address + ending).status_code == 404


@pytest.mark.parametrize("ending", ["/", ".csv"])
def test_ops_see_figures_and_no_list_of_names(client: Client, address: str, ending: str) -> None:
    client.force_login(make_person(role=Role.OPS))
    assert client.get(address + ending).status_code == 404
    page = client.get(f"/jobs/{Mailing.objects.get().job_id}/").content.decode()
    assert "What became of the mails" in page
    assert address not in page
    assert "Bea" not in page
    assert B not in page


def test_job_page_leads_to_the_list(client: Client, address: str) -> None:
    page = client.get(f"/jobs/{Mailing.objects.get().job_id}/").content.decode()
    assert f'href="{address}/"' in page
    assert f'href="{address}/?state=uncertain"' in page


def test_list_costs_few_queries(
    client: Client, address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(7):
        client.get(f"{address}/")
