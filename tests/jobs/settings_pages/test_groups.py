"""A lane's settings stand in groups; what is rare is folded until there is something to look at."""

import re

import pytest
from django.test import Client

from jobs.lanes import Lane
from jobs.setting_fields import settings_of
from jobs.settings_pages.groups import OF_A_LANE
from tests.jobs.settings_pages.conftest import form_on, send, text_of

BULK = "/ops/settings/lanes/bulk/"
RARE = [group.title for group in OF_A_LANE if group.is_rare]


def folded(page: str) -> list[str]:
    """Return the titles of the groups that are folded."""
    return re.findall(r'<details class="card">\s*<summary>\s*<h2>([^<]+)</h2>', page)


def test_each_setting_of_a_lane_stands_in_one_group() -> None:
    names = [name for group in OF_A_LANE for name in group.names]
    known = [item.name for item, _ in settings_of(Lane(name="one", workers=1, pool="threads"))]
    assert sorted(names) == sorted(known)


def test_rare_groups_are_folded_and_say_what_is_in_force(admin: Client) -> None:
    page = admin.get(BULK).content.decode()
    assert folded(page) == RARE
    assert "Caps School workers: none · Service workers: none" in text_of(page)
    assert all(str(group.says) in text_of(page) for group in OF_A_LANE)


def test_group_with_a_changed_value_is_open(admin: Client) -> None:
    send(admin, BULK, school_workers="3")
    page = admin.get(BULK).content.decode()
    assert folded(page) == [title for title in RARE if title != "Caps"]
    assert "In force: 3 parts at once. Default: none." in text_of(page)


@pytest.mark.parametrize(
    ("changes", "message", "opened"),
    [
        ({"school_workers": "0"}, "Write a whole number from 1 to 1,000.", "Caps"),
        ({"part_megabytes": "1,5"}, "Write 1.5, with a point.", "Memory and replacement"),
        (
            {"rates_of_schools": "nobody: 3"},
            "There is no school with the short name",
            "Limits of single schools",
        ),
        ({"school_rate": "0"}, "Write a number greater than 0.001.", "Limits of each school"),
    ],
)
def test_group_with_an_error_is_open_and_keeps_what_was_typed(
    admin: Client, changes: dict[str, str], message: str, opened: str
) -> None:
    page = send(admin, BULK, **changes).content.decode()
    assert folded(page) == [title for title in RARE if title != opened]
    assert message in text_of(page)
    assert form_on(page).items() >= changes.items()


def test_group_with_a_typed_value_stays_open_while_its_effect_is_shown(admin: Client) -> None:
    page = send(admin, BULK, button="preview", child_parts="10").content.decode()
    assert folded(page) == [title for title in RARE if title != "Memory and replacement"]


def test_ops_who_only_look_see_the_groups_too(ops: Client) -> None:
    assert folded(ops.get(BULK).content.decode()) == RARE
