"""Limits of single schools on a lane's page: written one a line, checked, audited, taken back."""

import pytest
from django.test import Client
from django.urls import reverse

from jobs.models import School, SettingsVersion
from jobs.settings import look_again
from tests.jobs.settings_pages.conftest import form_on, send, text_of

BULK = "/ops/settings/lanes/bulk/"


@pytest.fixture(autouse=True)
def _schools(db: None) -> None:
    """Two schools."""
    for slug in ("northfield", "lakeside"):
        School.objects.create(name=slug.capitalize(), slug=slug)


def test_limits_are_written_one_school_a_line(admin: Client) -> None:
    typed = "northfield: 5\r\n\r\n lakeside:none "
    assert send(admin, BULK, rates_of_schools=typed).status_code == 302
    assert look_again().lanes["bulk"].rates_of_schools == {"lakeside": None, "northfield": 5}
    answer = admin.get(BULK).content.decode()
    assert form_on(answer)["rates_of_schools"] == "lakeside: none\nnorthfield: 5"
    assert "In force: lakeside: none, northfield: 5 units a second. Default: none. Set by" in text_of(answer)
    assert "2 schools with limits of their own" in text_of(admin.get("/ops/settings/").content.decode())


def test_change_is_told_before_and_after_and_taken_back(admin: Client) -> None:
    typed = "northfield: 1048576"
    answer = send(admin, BULK, button="preview", bytes_rates_of_schools=typed)
    assert "Lane bulk: bytes rates of schools: none → northfield: 1,048,576" in text_of(
        answer.content.decode()
    )
    send(admin, BULK, bytes_rates_of_schools=typed)
    assert SettingsVersion.objects.get().overrides == {
        "lanes": {"bulk": {"bytes_rates_of_schools": {"northfield": 1048576}}}
    }
    admin.post(reverse("jobs:settings-undo", args=[1]), {"expecting": "1"})
    assert look_again().lanes["bulk"].bytes_rates_of_schools == {}


def test_page_that_is_saved_again_changes_nothing_of_it(admin: Client) -> None:
    send(admin, BULK, rates_of_schools="northfield: 0.5")
    send(admin, BULK, rate="14")
    assert look_again().lanes["bulk"].rates_of_schools == {"northfield": 0.5}
    assert [each["path"][-1] for each in SettingsVersion.objects.latest("number").changes] == ["rate"]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("northfeld: 5", "There is no school with the short name “northfeld”. Did you mean 'northfield'?"),
        ("northfield 5", "“northfield 5”: write “northfield: 5” or “northfield: none”, one school a line."),
        ("northfield:", "one school a line."),
        ("northfield: 5\nnorthfield: 6", "A school stands here twice."),
        ("northfield: 2,5", "Write 2.5, with a point."),
        ("northfield: few", "Enter a number."),
        ("northfield: 0", "Of northfield: Write a number greater than 0.001."),
    ],
)
def test_what_cannot_work_is_said_beside_the_field(admin: Client, typed: str, message: str) -> None:
    answer = send(admin, BULK, rates_of_schools=typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in text_of(page)
    assert form_on(page)["rates_of_schools"] == typed
    assert not SettingsVersion.objects.exists()
