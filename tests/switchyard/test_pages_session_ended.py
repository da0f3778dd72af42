"""What people are told who do something on a page after their session has ended."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_who_sends_a_form_after_the_session_has_ended_is_told_so_and_led_back(client: Client) -> None:
    form = {"headers": {"referer": "http://testserver/mailings/7/check/?confirmed=3"}}
    answer = client.post("/mailings/7/send/", **form)
    assert answer["Location"] == "/sign-in/?next=/mailings/7/check/%3Fconfirmed%3D3"
    assert "what you sent was not done" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("referer", ["https://elsewhere.example/mailings/", ""])
def test_who_sends_a_form_from_elsewhere_is_led_to_what_it_was_sent_to(client: Client, referer: str) -> None:
    answer = client.post("/mailings/7/send/", headers={"referer": referer})
    assert answer["Location"] == "/sign-in/?next=/mailings/7/send/"


def test_part_that_a_page_sends_by_itself_says_nothing_of_the_end_of_the_session(client: Client) -> None:
    answer = client.post("/typed/mailing/", {"subject": "Fair"}, headers={"hx-request": "true"})
    assert "what you sent was not done" not in client.get(answer["Location"]).content.decode()
