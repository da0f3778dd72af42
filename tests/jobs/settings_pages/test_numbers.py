"""Numbers on the settings pages: how they are asked for, refused and told."""

from unittest import mock

import pytest
from django.test import Client

from jobs import publishing
from jobs.models import SettingsVersion
from jobs.rules import read_rules
from jobs.settings import switchyard
from jobs.templatetags.setting_words import rule_words
from jobs.testing import make_school
from tests.jobs.settings_pages.conftest import send, text_of

BULK = "/ops/settings/lanes/bulk/"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("14,5", "Write 14.5, with a point."),
        ("-0,25", "Write -0.25, with a point."),
        ("1,000", "Write 1000 without a comma, or 1.000 with a point for a fraction."),
        ("1,000,000", "Write 1000000 without a comma."),
        ("fast", "Enter a number."),
        ("0", "Write a number greater than 0.001. Empty is no limit; to let nothing through, pause it."),
        ("-1", "Write a number greater than 0.001. Empty is no limit; to let nothing through, pause it."),
    ],
)
def test_number_that_cannot_be_is_refused_with_what_to_write(
    admin: Client, typed: str, sentence: str
) -> None:
    page = send(admin, BULK, rate=typed).content.decode()
    assert sentence in text_of(page)
    assert f'value="{typed}"' in page
    assert not SettingsVersion.objects.exists()


def test_number_with_a_comma_reaches_the_server_and_is_not_taken_for_none(admin: Client) -> None:
    """Browsers send nothing for a number that they cannot read, and nothing means no limit."""
    page = admin.get(BULK).content.decode()
    assert 'type="text" name="rate" inputmode="decimal"' in page


def test_limit_of_one_is_told_as_one_unit(admin: Client) -> None:
    send(admin, BULK, rate="1", school_rate="3", rates_of_schools=f"{make_school().slug}: 2")
    with mock.patch.object(publishing, "depths", return_value=dict.fromkeys(switchyard().lanes, 0)):
        page = text_of(admin.get("/ops/").content.decode())
    assert "1 unit a second 3 units a second for each school 1 school with limits of its own" in page
    assert "1 units" not in page


def test_sizes_of_a_rule_are_told_as_people_count() -> None:
    sizes = {"at_least": {"recipients": 1, "own_files": 1}, "at_most": {"recipients": 2000}}
    (rule,) = read_rules([{"kind": "emails.mailing", "lane": "mail", **sizes}])
    told = "Mailing, with 1 or more students, with 1 or more students with files of their own"
    assert rule_words(rule) == f"{told}, with 2,000 or fewer students"


def test_sizes_are_called_by_words(admin: Client) -> None:
    page = text_of(admin.get("/ops/settings/routes/").content.decode())
    assert "Own files (students with files of their own)" in page


def test_name_that_is_wanted_is_not_called_optional(admin: Client) -> None:
    page = text_of(admin.get("/ops/settings/lanes/codes/").content.decode())
    assert "Type the lane's name" in page
    assert "Type the lane's name (optional)" not in page
