"""Parts of pages that are asked for again and again."""

from django.http import HttpResponse
from django.test import RequestFactory

from jobs.refreshing import refreshed

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
