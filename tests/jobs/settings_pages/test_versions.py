"""The list of changes, and taking one back with one click."""

from typing import Any

import pytest
from django.test import Client

from jobs import versions
from jobs.changing import change
from jobs.models import Person, Role, SettingsVersion
from jobs.settings import look_again
from jobs.testing import make_person
from tests.jobs.settings_pages.conftest import form_on, text_of

CHANGES = "/ops/settings/changes/"


def save(**lanes: dict[str, Any]) -> SettingsVersion:
    """Change settings of lanes."""
    by = Person.objects.filter(role=Role.ADMIN).first() or make_person(role=Role.ADMIN)
    return change(
        overrides={"lanes": lanes},
        by=by,
        why="The relay is slow",
        expecting=versions.newest_number(),
        confirmed="codes",
    )


def take_back(client: Client, number: int, **fields: str) -> Any:
    """Click the button beside a version."""
    shown = form_on(client.get(CHANGES).content.decode())
    return client.post(f"{CHANGES}{number}/undo/", {**shown, **fields})


def test_change_tells_who_when_why_before_and_after(admin: Client) -> None:
    save(bulk={"rate": 14})
    page = text_of(admin.get(CHANGES).content.decode())
    assert "Version 1 In force" in page
    assert "The relay is slow Lane bulk: rate: none → 14" in page
    assert "Test Person" in page


def test_change_is_taken_back_with_one_click(admin: Client) -> None:
    save(bulk={"rate": 14})
    assert take_back(admin, 1).url == CHANGES
    assert look_again().lanes["bulk"].rate is None
    page = text_of(admin.get(CHANGES).content.decode())
    assert "Version 1 was taken back: Version 2 is in force." in page
    assert "Takes back version 1" in page
    assert "Taken back by version 2" in page


def test_change_of_a_vital_lane_is_taken_back_once_its_name_was_typed(admin: Client) -> None:
    save(codes={"workers": 5})
    answer = take_back(admin, 1)
    assert answer.status_code == 422
    assert "Type the lane's name" in answer.content.decode()
    answer = take_back(admin, 1, confirmed="coda")
    assert "“coda” is not its name." in answer.content.decode()
    assert take_back(admin, 1, confirmed="codes").status_code == 302
    assert look_again().lanes["codes"].workers == 2


def test_change_that_was_changed_again_is_not_taken_back_and_the_page_says_why(admin: Client) -> None:
    save(bulk={"rate": 14})
    save(bulk={"rate": 20})
    take_back(admin, 1)
    assert "was changed again after version 1" in admin.get(CHANGES).content.decode()
    assert look_again().lanes["bulk"].rate == 20


@pytest.mark.parametrize("expecting", ["0", "", "x"])
def test_page_that_is_out_of_date_takes_nothing_back(admin: Client, expecting: str) -> None:
    save(bulk={"rate": 14})
    take_back(admin, 1, expecting=expecting)
    assert look_again().lanes["bulk"].rate == 14


def test_version_that_is_not_there_answers_404(admin: Client) -> None:
    assert admin.post(f"{CHANGES}7/undo/").status_code == 404
    answer = admin.get(f"{CHANGES}7/undo/", headers={"accept": "text/html"})
    assert answer.status_code == 405
    assert "Go to the home page" in answer.content.decode()
