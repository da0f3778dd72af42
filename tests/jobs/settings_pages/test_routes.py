"""The page of the routes: a draft is changed rule by rule, tried with an example job, and put in force."""

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from jobs.models import Role, SettingsVersion
from jobs.settings import look_again
from jobs.testing import make_person, make_school
from tests.jobs.settings_pages.conftest import form_on, text_of

ROUTES = "/ops/settings/routes/"
SMALL = {
    "rule-kind": "emails.mailing",
    "rule-lane": "mail",
    "rule-most_size": "recipients",
    "rule-most": "50",
}
SMALL_RULE = {"kind": "emails.mailing", "at_most": {"recipients": 50}, "lane": "mail"}


class Draft:
    """The page in an administrator's browser."""

    def __init__(self, client: Client) -> None:
        """Open it."""
        self.client = client
        self.page = client.get(ROUTES).content.decode()

    def click(self, button: str, value: str = "1", **fields: Any) -> Any:
        """Fill fields and click; keep the page that comes."""
        sent = {**form_on(self.page), **{name.replace("__", "-"): text for name, text in fields.items()}}
        answer = self.client.post(ROUTES, {**sent, button: value})
        self.page = answer.content.decode() or self.page
        return answer

    @property
    def rules(self) -> list[dict[str, Any]]:
        """Return the draft."""
        rules: list[dict[str, Any]] = json.loads(form_on(self.page)["draft"])
        return rules

    @property
    def added(self) -> int:
        """How many rules it has more than the settings file."""
        return len(self.rules) - len(settings.SWITCHYARD["routes"])


@pytest.fixture
def draft(admin: Client) -> Draft:
    """The page, with the rules in force."""
    return Draft(admin)


def test_rule_is_added_above_the_last_of_its_kind_and_put_in_force(draft: Draft) -> None:
    draft.click("add", **SMALL)
    assert "These rules are a draft." in draft.page
    assert draft.rules == [
        *settings.SWITCHYARD["routes"][:2],
        SMALL_RULE,
        *settings.SWITCHYARD["routes"][2:],
    ]
    assert not SettingsVersion.objects.exists()
    assert draft.click("save", why="Small mailings need not wait").status_code == 302
    assert look_again().routes[2].as_setting() == SMALL_RULE
    listed = text_of(draft.client.get("/ops/settings/changes/").content.decode())
    assert "Added: Mailing, with 50 or fewer students → mail" in listed


def test_effect_of_the_draft_is_shown(draft: Draft) -> None:
    draft.click("add", **SMALL)
    draft.click("preview")
    assert "Added: Mailing, with 50 or fewer students → mail" in text_of(draft.page)
    assert draft.added == 1


def test_rules_of_a_kind_change_places_and_others_stay(draft: Draft) -> None:
    draft.click("add", **SMALL)
    draft.click("down", "3")
    assert [rule["lane"] for rule in draft.rules[2:4]] == ["bulk", "mail"]
    assert "Rule 4 takes no job" in text_of(draft.page)
    draft.click("up", "4")
    assert [rule["lane"] for rule in draft.rules[2:4]] == ["mail", "bulk"]
    for click, place in (("up", "1"), ("down", f"{len(draft.rules)}"), ("up", "99"), ("up", "x")):
        draft.click(click, place)
    assert draft.added == 1


def test_rule_that_an_earlier_one_covers_is_told_with_both_places_and_a_remedy(draft: Draft) -> None:
    draft.click("add", **SMALL)
    draft.click("add", **{**SMALL, "rule-most": "20", "rule-lane": "bulk"})
    told = (
        "Rule 4 takes no job: rule 3 above it takes every job that it would take. "
        "Move rule 4 above rule 3, or take it away."
    )
    assert told in text_of(draft.page)
    draft.click("save", why="Tiny mailings may wait")
    assert told in text_of(draft.client.get(ROUTES).content.decode())
    draft.click("up", "4")
    assert "takes no job" not in text_of(draft.page)


def test_form_of_a_rule_is_empty_again_once_the_rule_was_added(draft: Draft) -> None:
    empty = {name: value for name, value in form_on(draft.page).items() if name.startswith("rule-")}
    draft.click("add", **{**SMALL, "rule-kind": "packets.build", "rule-most_size": "units"})
    assert draft.added == 1
    assert {name: value for name, value in form_on(draft.page).items() if name.startswith("rule-")} == empty


def test_rule_is_taken_away_but_not_the_last_of_its_kind(draft: Draft) -> None:
    draft.click("delete", "4")
    assert [rule["kind"] for rule in draft.rules].count("packets.build") == 0
    answer = draft.click("save", why="Nobody needs packets")
    assert answer.status_code == 422
    assert "leads the kind 'packets.build' to no lane" in text_of(draft.page)
    assert draft.added == -1


def test_rules_of_codes_want_the_name_of_their_lane(draft: Draft) -> None:
    draft.click("add", **{**SMALL, "rule-lane": "codes"})
    assert draft.click("save", why="Quick").status_code == 422
    assert "Type its name to confirm." in text_of(draft.page)
    assert draft.click("save", why="Quick", confirmed="codes").status_code == 302


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"rule-most_size": "rows"}, "Jobs of this kind tell: units, recipients, bytes, own files."),
        ({"rule-most": ""}, "Choose a size and write a number, or leave both empty."),
        ({"rule-least_size": "recipients", "rule-least": "90"}, "Write 50 at most for recipients"),
        ({"rule-slower_than": "0.5"}, "greater than or equal to 1"),
    ],
)
def test_rule_that_cannot_work_is_not_added_and_what_was_typed_stays(
    draft: Draft, fields: dict[str, str], message: str
) -> None:
    draft.click("add", **{**SMALL, **fields})
    assert message in text_of(draft.page)
    assert draft.added == 0
    assert form_on(draft.page)["rule-lane"] == "mail"


def test_draft_that_no_page_made_changes_nothing(draft: Draft) -> None:
    for wrong in (
        "no json",
        '{"a": 1}',
        '[{"kind": "emails.code"}]',
        '[{"kind": "emails.code", "lane": "x"}]',
    ):
        assert draft.client.post(ROUTES, {"draft": wrong, "why": "So", "save": "1"}).status_code == 422
    assert not SettingsVersion.objects.exists()


def test_example_job_shows_the_rule_of_the_draft_that_takes_it(draft: Draft) -> None:
    draft.click("add", **SMALL)
    example = {"example-kind": "emails.mailing", "example-size_recipients": "50"}
    draft.click("try", **example)
    assert "Rule 3 takes this job: it goes to the lane mail" in text_of(draft.page)
    draft.click("try", **{**example, "example-size_recipients": "51"})
    assert "Rule 4 takes this job: it goes to the lane bulk" in text_of(draft.page)
    draft.click("delete", "4")
    draft.click("try", **{**example, "example-size_recipients": "51"})
    assert "No route for the kind 'emails.mailing'" in text_of(draft.page)


def test_rule_for_one_school_is_tried_with_it(draft: Draft) -> None:
    school = make_school(name="Northfield")
    draft = Draft(draft.client)
    draft.click("add", **{"rule-kind": "packets.build", "rule-school": school.slug, "rule-lane": "uploads"})
    assert f"Document packet, of the school {school.slug}" in text_of(draft.page)
    draft.click("try", **{"example-kind": "packets.build", "example-school": school.slug})
    assert "it goes to the lane uploads" in text_of(draft.page)
    draft.click("try", **{"example-kind": "packets.build", "example-school": ""})
    assert "it goes to the lane packets" in text_of(draft.page)


def test_ops_try_jobs_but_change_no_rule(ops: Client) -> None:
    page = Draft(ops)
    assert page.click("try", **{"example-kind": "emails.code"}).status_code == 200
    assert "it goes to the lane codes" in text_of(page.page)
    for click in ("up", "delete", "add", "preview", "save"):
        assert page.click(click, "3").status_code == 403


def test_school_in_a_rule_may_be_gone(client: Client, draft: Draft) -> None:
    client.force_login(make_person(role=Role.ADMIN))
    rule = {"kind": "emails.test", "school": "gone", "lane": "bulk"}
    rules = json.dumps([rule, *settings.SWITCHYARD["routes"]])
    assert client.post(ROUTES, {"draft": rules, "try": "1"}).status_code == 200


def test_enter_key_takes_no_rule_away(admin: Client, ops: Client) -> None:
    for client, first in ((admin, "preview"), (ops, "try")):
        page = client.get(ROUTES).content.decode().partition('<form method="post" class="stack"')[2]
        assert re.findall(r'<button type="submit" name="(\w+)"', page)[0] == first


@pytest.mark.parametrize("depth", [50, 700, 100_000])
def test_draft_that_is_nested_too_deep_is_refused(draft: Draft, depth: int) -> None:
    sent = {"draft": "[" * depth + "]" * depth, "why": "So", "save": "1"}
    answer = draft.client.post(ROUTES, sent)
    assert answer.status_code == 422
    assert "These rules cannot be read. Load the page again." in text_of(answer.content.decode())
