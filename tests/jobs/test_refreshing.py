"""Parts of pages that are asked for again and again."""

from collections import Counter

import pytest
import time_machine
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from jobs.models import Person
from jobs.refreshing import FRESH_LEAST, FRESH_MOST, Seen, refreshed, refreshed_after

FORM = '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><p>{}</p>'


def asked(text: str, *, mark: str = "a", seen: str = "", status: int = 200) -> HttpResponse:
    request = RequestFactory().get("/", headers={"If-None-Match": seen} if seen else {})
    response = refreshed(lambda _: HttpResponse(FORM.format(mark, text), status=status))(request)
    assert isinstance(response, HttpResponse)
    return response


def test_what_is_shown_already_is_not_sent_again() -> None:
    seen = asked("12 of 40")["ETag"]
    assert asked("12 of 40", seen=seen).status_code == 304
    assert asked("13 of 40", seen=seen).status_code == 200


def test_another_token_of_a_form_is_no_change() -> None:
    assert asked("12 of 40", mark="b", seen=asked("12 of 40")["ETag"]).status_code == 304


def test_nobody_keeps_a_part_of_a_page() -> None:
    assert "no-store" in asked("12 of 40")["Cache-Control"]


def test_answer_that_is_no_page_is_sent_as_it_is() -> None:
    assert "ETag" not in asked("gone", status=404)
    assert asked("gone", status=404, seen="*").status_code == 404


class Glanced:
    """A part of a page with a glance, and how often it was made."""

    def __init__(self, person: Person) -> None:
        """Let `person` ask."""
        self.glance, self.text, self.made = "412 of 2,000", "third in line", 0
        self.person = person

    def ask(self, *, seen: str = "", path: str = "/") -> HttpResponse:
        request = RequestFactory().get(path, headers={"If-None-Match": seen} if seen else {})
        request.user = self.person
        response = refreshed_after(lambda _: self.glance)(self._make)(request)
        assert isinstance(response, HttpResponse)
        return response

    def _make(self, _request: object) -> HttpResponse:
        self.made += 1
        return HttpResponse(self.text)


@pytest.fixture
def glanced() -> Glanced:
    """A part of a page that `Person` 1 asks for."""
    return Glanced(Person(pk=1))


def test_nothing_is_made_where_a_glance_shows_no_change(glanced: Glanced) -> None:
    seen = glanced.ask()["ETag"]
    glanced.text = "second in line"
    response = glanced.ask(seen=seen)
    assert (response.status_code, response["ETag"], glanced.made) == (304, seen, 1)
    assert "no-store" in response["Cache-Control"]


def test_change_that_a_glance_shows_is_told_at_once(glanced: Glanced) -> None:
    seen = glanced.ask()["ETag"]
    glanced.glance, glanced.text = "413 of 2,000", "at work"
    assert glanced.ask(seen=seen).content == b"at work"


def test_what_no_glance_shows_is_told_some_seconds_later(glanced: Glanced) -> None:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        seen = glanced.ask()["ETag"]
        glanced.text = "second in line"
        traveller.shift(FRESH_MOST)
        assert glanced.ask(seen=seen).content == b"second in line"


def test_what_is_the_same_after_some_seconds_is_fresh_again(glanced: Glanced) -> None:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        seen = glanced.ask()["ETag"]
        traveller.shift(FRESH_MOST)
        again = glanced.ask(seen=seen)
        assert (again.status_code, glanced.made) == (304, 2)
        traveller.shift(FRESH_LEAST / 2)
        assert (glanced.ask(seen=again["ETag"]).status_code, glanced.made) == (304, 2)


def test_what_many_saw_at_once_is_not_made_anew_at_once() -> None:
    spans = [Seen(content=f"{number:x}", glance="a", milliseconds=1).fresh for number in range(500)]
    slot = (FRESH_MOST - FRESH_LEAST) / 5
    crowds = Counter((span - FRESH_LEAST) // slot for span in spans)
    assert set(crowds) == set(range(5))
    assert max(crowds.values()) < 2 * min(crowds.values())


def test_what_one_person_has_seen_is_nothing_to_another(glanced: Glanced) -> None:
    seen = glanced.ask()["ETag"]
    glanced.person, glanced.text = Person(pk=2), "another one's"
    assert glanced.ask(seen=seen).content == b"another one's"


def test_what_was_seen_at_one_address_is_nothing_at_another(glanced: Glanced) -> None:
    seen = glanced.ask(path="/?state=waiting")["ETag"]
    glanced.text = "with the buttons of its new state"
    assert glanced.ask(seen=seen, path="/?state=working").status_code == 200


def test_etag_from_the_future_is_not_believed(glanced: Glanced) -> None:
    with time_machine.travel(timezone.now() + FRESH_MOST, tick=False):
        seen = glanced.ask()["ETag"]
    glanced.text = "second in line"
    assert glanced.ask(seen=seen).status_code == 200


@pytest.mark.parametrize("seen", ['"nonsense"', '"ab-cd-"', "ab", '"ab", "cd"'])
def test_etag_that_is_none_of_ours_is_not_believed(glanced: Glanced, seen: str) -> None:
    assert glanced.ask(seen=seen).status_code == 200
