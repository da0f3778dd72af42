"""Two administrators on one page: each is told what the other did, and saves only what they changed."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs.changing import change
from jobs.models import Role, SettingsVersion
from jobs.settings import look_again, switchyard
from jobs.testing import make_person, make_school
from tests.jobs.settings_pages.conftest import form_on, send, text_of

BULK = "/ops/settings/lanes/bulk/"
ROUTES = "/ops/settings/routes/"
WEIGHTS = "/ops/settings/weights/"
SMALL = {"kind": "emails.mailing", "at_most": {"recipients": 50}, "lane": "mail"}
TINY = {"kind": "emails.mailing", "at_most": {"recipients": 5}, "lane": "mail"}


@pytest.fixture
def ann(admin: Client) -> Client:
    """The browser of another administrator, who is quicker."""
    person = make_person(role=Role.ADMIN)
    person.name = "Ann Quick"
    person.save()
    client = Client()
    client.force_login(person)
    return client


class Opened:
    """A page in the browser of an administrator who takes their time."""

    def __init__(self, client: Client, address: str) -> None:
        """Open it."""
        self.client, self.address = client, address
        self.page = client.get(address).content.decode()

    def click(self, button: str = "save", **typed: str) -> Any:
        """Type into fields and click; keep the page that comes."""
        fields = {**form_on(self.page), "why": "Slower", **typed, button: "1"}
        answer = self.client.post(self.address, fields)
        self.page = answer.content.decode() or self.page
        return answer


def newest_changes() -> list[Any]:
    """Return the paths that the newest version changed."""
    return [change["path"] for change in SettingsVersion.objects.latest("number").changes]


def test_change_of_another_field_is_told_and_stays(admin: Client, ann: Client) -> None:
    opened = Opened(admin, BULK)
    send(ann, BULK, workers="5")
    answer = opened.click(rate="9")
    assert answer.status_code == 422
    assert "Someone else changed the settings in the meantime." in text_of(opened.page)
    assert "Ann Quick" in text_of(opened.page)
    assert "Lane bulk: workers: 8 → 5" in text_of(opened.page)
    assert (form_on(opened.page)["rate"], form_on(opened.page)["workers"]) == ("9", "5")
    assert opened.click().status_code == 302
    assert (look_again().lanes["bulk"].rate, switchyard().lanes["bulk"].workers) == (9, 5)
    assert newest_changes() == [["lanes", "bulk", "rate"]]


def test_change_of_another_page_is_told_and_stays(admin: Client, ann: Client) -> None:
    opened = Opened(admin, BULK)
    send(ann, "/ops/settings/sections/slowness/", times="5")
    opened.click(rate="9")
    assert "Slowness: times: 10 → 5" in text_of(opened.page)
    assert opened.click().status_code == 302
    assert (look_again().lanes["bulk"].rate, switchyard().slowness.times) == (9, 5)


def test_field_that_both_changed_is_shown_with_both_values_and_asks(admin: Client, ann: Client) -> None:
    opened = Opened(admin, BULK)
    send(ann, BULK, workers="5", bytes_rate="1048576")
    opened.click(workers="6")
    question = (
        "Ann Quick changed this from 8 parts at once to 5 parts at once, and you wrote 6 parts at once. "
        "Saving again puts yours in force; to leave theirs, write 5."
    )
    assert question in text_of(opened.page)
    assert look_again().lanes["bulk"].workers == 5
    assert opened.click().status_code == 302
    assert (look_again().lanes["bulk"].workers, switchyard().lanes["bulk"].bytes_rate) == (6, 1048576)


def test_field_that_both_emptied_or_gave_one_value_asks_nothing(admin: Client, ann: Client) -> None:
    send(admin, BULK, rate="9")
    opened = Opened(admin, BULK)
    send(ann, BULK, workers="5", rate="")
    opened.click(workers="5", rate="")
    assert "and you wrote" not in opened.page
    opened.click()
    assert "Nothing was changed" in text_of(opened.page)


def test_field_that_another_one_emptied_asks_too(admin: Client, ann: Client) -> None:
    send(admin, BULK, rate="9")
    opened = Opened(admin, BULK)
    send(ann, BULK, rate="")
    opened.click(rate="12")
    assert "from 9 units a second to none, and you wrote 12 units a second." in text_of(opened.page)
    assert "to leave theirs, leave it empty." in text_of(opened.page)


def test_same_page_saved_twice_without_a_change_undoes_nothing(admin: Client, ann: Client) -> None:
    opened = Opened(admin, BULK)
    send(ann, BULK, workers="5")
    opened.click()
    opened.click()
    assert "Nothing was changed" in text_of(opened.page)
    assert look_again().lanes["bulk"].workers == 5


def test_effect_shows_what_the_person_changed_and_what_another_one_did_meanwhile(
    admin: Client, ann: Client
) -> None:
    opened = Opened(admin, BULK)
    send(ann, BULK, workers="5")
    opened.click("preview", rate="9")
    assert "Ann Quick" in text_of(opened.page)
    assert "Lane bulk: rate: none → 9" in text_of(opened.page)
    assert "workers: 5 → 8" not in text_of(opened.page)
    answer = opened.click()
    assert answer.status_code == 422
    assert "Someone else changed the settings in the meantime." in text_of(opened.page)
    assert look_again().lanes["bulk"].workers == 5


def test_weight_that_another_one_changed_stays(admin: Client, ann: Client) -> None:
    first, second, third = (make_school(name=name) for name in ("Aberdeen", "Bath", "Cardiff"))
    opened = Opened(admin, WEIGHTS)
    send(ann, WEIGHTS, **{f"weight-{first.slug}": "2", f"weight-{second.slug}": "3"})
    opened.click(**{f"weight-{second.slug}": "4", f"weight-{third.slug}": "5"})
    assert f"School {first.slug}: weight: 1 → 2" in text_of(opened.page)
    assert "Ann Quick changed this from 1 to 3, and you wrote 4." in text_of(opened.page)
    assert form_on(opened.page)[f"weight-{first.slug}"] == "2"
    assert opened.click().status_code == 302
    weights = []
    for school in (first, second, third):
        school.refresh_from_db()
        weights.append(school.weight)
    assert weights == [2, 4, 5]


def rules_with(*rules: Any) -> str:
    """Return the draft of the settings file's rules with `rules` above them."""
    return json.dumps([*rules, *settings.SWITCHYARD["routes"]])


def test_rules_that_both_changed_are_told_and_ask(admin: Client, ann: Client) -> None:
    opened = Opened(admin, ROUTES)
    send(ann, ROUTES, draft=rules_with(SMALL))
    opened.click(draft=rules_with(TINY))
    assert "Added: Mailing, with 50 or fewer students → mail" in text_of(opened.page)
    assert (
        "Ann Quick changed the rules too. Your draft is without these changes: "
        "saving it again takes them back. To keep them, add them to your draft."
    ) in text_of(opened.page)
    assert len(look_again().routes) == 1 + len(settings.SWITCHYARD["routes"])
    assert look_again().routes[0].as_setting() == SMALL
    opened.click(draft=rules_with(TINY, SMALL))
    assert [rule.as_setting() for rule in look_again().routes[:2]] == [TINY, SMALL]


def test_draft_in_which_nothing_was_changed_follows_the_rules_in_force(admin: Client, ann: Client) -> None:
    opened = Opened(admin, ROUTES)
    send(ann, ROUTES, draft=rules_with(SMALL))
    opened.click()
    assert "Mailing, with 50 or fewer students" in text_of(opened.page)
    assert json.loads(form_on(opened.page)["draft"])[0] == SMALL
    opened.click()
    assert "Nothing was changed" in text_of(opened.page)


@pytest.mark.parametrize("expecting", ["", "x", "-5", "99", "9" * 30])
def test_page_that_names_no_version_of_its_own_changes_nothing(
    admin: Client, ann: Client, expecting: str
) -> None:
    opened = Opened(admin, BULK)
    send(ann, BULK, workers="5")
    assert opened.click(rate="9", expecting=expecting).status_code == 422
    assert look_again().lanes["bulk"].rate is None


@pytest.mark.parametrize(("button", "looks"), [("preview", 1), ("save", 2)])
@pytest.mark.parametrize("address", [BULK, WEIGHTS, ROUTES])
def test_what_others_changed_is_asked_for_once_and_again_only_for_who_is_refused(
    admin: Client, ann: Client, address: str, button: str, looks: int
) -> None:
    make_school()
    opened = Opened(admin, address)
    send(ann, BULK, workers="5")
    with CaptureQueriesContext(connection) as asked:
        opened.click(button)
    newer = [each["sql"] for each in asked if '"jobs_settingsversion"."number" >' in each["sql"]]
    assert len(newer) == looks
    assert "Ann Quick" in text_of(opened.page)


def test_who_saves_at_the_very_moment_is_told_too(
    admin: Client, ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Opened(admin, BULK)

    def after_ann(**asked: Any) -> SettingsVersion:
        monkeypatch.setattr("jobs.settings_pages.saving.change", change)
        send(ann, BULK, workers="5")
        return change(**asked)

    monkeypatch.setattr("jobs.settings_pages.saving.change", after_ann)
    assert opened.click(rate="9").status_code == 422
    assert "Lane bulk: workers: 8 → 5" in text_of(opened.page)
    assert (form_on(opened.page)["rate"], form_on(opened.page)["workers"]) == ("9", "5")
    assert opened.click().status_code == 302
    assert newest_changes() == [["lanes", "bulk", "rate"]]
