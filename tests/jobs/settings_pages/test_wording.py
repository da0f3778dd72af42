"""What cannot work is said once, in the words of the page."""

import pytest
from django.test import Client

from jobs.models import School
from jobs.settings_pages.wording import in_words
from tests.jobs.settings_pages.conftest import form_on, send, text_of

ROUTES = "/ops/settings/routes/"


@pytest.mark.parametrize("button", ["save", "preview"])
@pytest.mark.parametrize(
    ("address", "changes", "sentence"),
    [
        ("lanes/bulk", {"workers": "0"}, "Write a whole number from 1 to 1,000."),
        ("lanes/bulk", {"bytes_burst": "5"}, "Write “Bytes rate” too, or leave this out."),
        (
            "sections/supervision",
            {"lease_seconds": "0.1"},
            "Write at least 4, and at least three times “Sweep seconds”.",
        ),
        ("weights", {"weight-SCHOOL": "1e9"}, "Write a number from 0.01 to 100."),
    ],
)
def test_value_that_cannot_work_is_told_once_beside_its_field(
    admin: Client, school: School, *, address: str, changes: dict[str, str], sentence: str, button: str
) -> None:
    changes = {name.replace("SCHOOL", school.slug): value for name, value in changes.items()}
    page = send(admin, f"/ops/settings/{address}/", button=button, **changes).content.decode()
    assert page.count(sentence) == 1
    (field,) = changes
    told = page.index(sentence) - page.index(f'name="{field}"')
    assert 0 < told < 500, "it stands elsewhere"
    assert "SWITCHYARD" not in page


@pytest.mark.parametrize("button", ["save", "preview"])
def test_kind_without_a_lane_is_told_once(admin: Client, button: str) -> None:
    page = admin.post(ROUTES, {**form_on(admin.get(ROUTES).content.decode()), "delete": "4"}).content.decode()
    answer = admin.post(ROUTES, {**form_on(page), "why": "Nobody needs packets", button: "1"})
    page = text_of(answer.content.decode())
    assert page.count("The list of rules leads the kind 'packets.build' to no lane. Add it with one of") == 1
    assert "SWITCHYARD" not in page


@pytest.mark.parametrize("button", ["save", "preview"])
def test_change_of_nothing_is_told_once(admin: Client, button: str) -> None:
    page = text_of(send(admin, "/ops/settings/lanes/bulk/", button=button).content.decode())
    assert page.count("Nothing w") == 1


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("SWITCHYARD['lanes']['bulk']['bytes_rate']", "Lane bulk: bytes rate"),
        ("SWITCHYARD['routes'][3]['lane'] is 'x' (lane).", "Rule 4: lane is 'x' (lane)."),
        ("SWITCHYARD['routes'][0]", "Rule 1"),
        ("SWITCHYARD['files'] is 3 (dict).", "Files is 3 (dict)."),
        ("Write own_files, or rate, or school_rate.", "Write own_files, or rate, or “School rate”."),
    ],
)
def test_paths_and_names_of_settings_are_told_as_pages_call_them(sentence: str, words: str) -> None:
    assert in_words(sentence) == words
