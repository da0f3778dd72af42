"""Links that lead to one thing without sign-in."""

from typing import Any

from jobs.links import Links, can_link

LINKS = Links(salt="tests.one", page="emails:file")


def token_of(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


def test_a_link_leads_to_what_it_was_made_for(settings: Any) -> None:
    settings.SITE_URL = "https://careers.example"
    assert can_link()
    address = LINKS.address("17")
    assert address.startswith("https://careers.example/mailings/")
    assert LINKS.read(token_of(address)) == "17"


def test_links_that_we_did_not_make_lead_nowhere(settings: Any) -> None:
    settings.SITE_URL = "https://careers.example"
    token = token_of(LINKS.address("17"))
    other = Links(salt="tests.other", page="emails:file")
    assert [LINKS.read(token.replace("17", "18", 1)), LINKS.read("17"), other.read(token)] == [None] * 3
