"""The page of holds, for ops and admins: pause, drain, and let it go on."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.test import Client
from django.utils import timezone

from jobs import publishing
from jobs.models import Hold, HoldEvent
from jobs.settings import switchyard
from jobs.testing import make_school
from tests.jobs.settings_pages.conftest import form_on, text_of

HOLDS = "/ops/settings/holds/"


def hold(client: Client, what: str, **fields: str) -> Any:
    """Fill the form and click."""
    shown = form_on(client.get(HOLDS).content.decode())
    return client.post(HOLDS, {**shown, "target": what, "why": "The relay is down", **fields})


def test_lane_is_paused_and_goes_on_again(ops: Client) -> None:
    assert hold(ops, "lane:bulk").status_code == 302
    (held,) = Hold.objects.all()
    assert (held.scope, held.name, held.mode, held.until) == ("lane", "bulk", "pause", None)
    page = text_of(ops.get(HOLDS).content.decode())
    assert "Lane bulk: paused." in page
    assert ops.post(f"{HOLDS}{held.pk}/lift/").status_code == 302
    assert "Nothing is held." in ops.get(HOLDS).content.decode()
    assert list(HoldEvent.objects.values_list("what", flat=True)) == ["lifted", "paused"]


def test_reason_that_is_too_long_is_told_and_what_was_typed_stays(ops: Client) -> None:
    assert "maxlength" not in ops.get(HOLDS).content.decode(), "the browser would cut it silently"
    answer = hold(ops, "lane:bulk", why="x" * 5000)
    assert answer.status_code == 422
    assert "Write at most 300 characters; you wrote 5000." in text_of(answer.content.decode())
    assert form_on(answer.content.decode())["why"] == "x" * 5000
    assert not Hold.objects.exists()


def test_school_is_drained_for_an_hour(ops: Client) -> None:
    school = make_school(name="Northfield")
    hold(ops, f"school:{school.slug}", mode="drain", lasts="60")
    (held,) = Hold.objects.all()
    assert (held.school, held.mode) == (school, "drain")
    assert held.until is not None
    assert abs(held.until - timezone.now() - timedelta(hours=1)) < timedelta(minutes=1)
    assert "Northfield" in ops.get("/ops/settings/").content.decode()


@pytest.mark.parametrize(("target", "name"), [("lane:codes", "codes"), ("kind:emails.code", "emails.code")])
def test_codes_are_held_only_when_the_name_is_typed(ops: Client, target: str, name: str) -> None:
    assert "Type its name to confirm" not in ops.get(HOLDS).content.decode()
    answer = hold(ops, target)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"People stand still without {name}. Type its name to confirm." in text_of(page)
    assert not Hold.objects.exists()
    assert ops.post(HOLDS, {**form_on(page), "confirmed": name}).status_code == 302
    assert Hold.objects.get().name == name


@pytest.mark.parametrize(
    "fields", [{"target": ""}, {"target": "lane:nothing"}, {"why": " "}, {"mode": "stop"}]
)
def test_hold_without_what_it_needs_is_asked_for_again(ops: Client, fields: dict[str, str]) -> None:
    assert hold(ops, "lane:bulk", **fields).status_code == 422
    assert not Hold.objects.exists()


def test_hold_is_told_on_the_page_of_operations(ops: Client) -> None:
    hold(ops, "lane:bulk")
    with mock.patch.object(publishing, "depths", return_value=dict.fromkeys(switchyard().lanes, 0)):
        page = text_of(ops.get("/ops/").content.decode())
    assert "Lane bulk has been paused since" in page
    assert "by Test Person: The relay is down" in page


def test_hold_in_place_of_another_says_what_it_replaces_and_wants_one_more_click(
    ops: Client, admin: Client
) -> None:
    hold(ops, "lane:packets", why="The printer is down")
    answer = hold(admin, "lane:packets", mode="drain", why="We move tonight")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Lane packets is paused already, by Test Person: The printer is down" in text_of(page)
    assert "Replace this hold" in text_of(page)
    assert Hold.objects.get().why == "The printer is down"
    answer = admin.post(HOLDS, {**form_on(page), "mode": "drain"})
    assert answer.status_code == 302
    assert (Hold.objects.get().mode, Hold.objects.get().why) == ("drain", "We move tonight")
    assert list(HoldEvent.objects.values_list("what", "why")) == [
        ("drained", "We move tonight"),
        ("paused", "The printer is down"),
    ]


def test_hold_that_nobody_had_seen_is_not_replaced(ops: Client, admin: Client) -> None:
    hold(ops, "lane:packets", why="The printer is down")
    page = hold(admin, "lane:packets", mode="drain").content.decode()
    ops.post(f"{HOLDS}{Hold.objects.get().pk}/lift/")
    hold(ops, "lane:packets", why="It smokes")
    answer = admin.post(HOLDS, {**form_on(page), "mode": "drain"})
    assert answer.status_code == 422
    assert "Lane packets is paused already, by Test Person: It smokes" in text_of(answer.content.decode())
    assert Hold.objects.get().why == "It smokes"


def test_click_to_replace_is_for_what_was_shown_only(ops: Client) -> None:
    hold(ops, "lane:packets")
    hold(ops, "lane:bulk", why="The relay is slow")
    page = hold(ops, "lane:packets", mode="drain").content.decode()
    assert ops.post(HOLDS, {**form_on(page), "target": "lane:bulk"}).status_code == 422
    assert Hold.objects.get(name="bulk").why == "The relay is slow"


def test_lifting_twice_does_nothing(ops: Client) -> None:
    assert ops.post(f"{HOLDS}5/lift/").status_code == 404
