"""The pre-flight on how heavy a mailing is, and how long it takes."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from emails.findings import Finding, Level
from emails.models import Mailing
from emails.preflight import preflight_of
from emails.weight_checks import within
from jobs.models import School
from tests.emails.people import attach, learn_mailings


@pytest.fixture
def mailing(draft: Mailing, students: Any, school: School) -> Mailing:
    students.add(school, *(f"s{number}@x.example" for number in range(1240)))
    return draft


def finding_of(mailing: Mailing) -> Finding:
    [finding] = [
        each for each in preflight_of(mailing, now=timezone.now()).findings if each.title == "Size and time"
    ]
    return finding


def test_weight_and_time_of_a_mailing_with_a_file(mailing: Mailing) -> None:
    learn_mailings(unit_seconds=5)
    attach(mailing, b"%" * 200_000)
    finding = finding_of(mailing)
    assert finding.level == Level.FINE
    assert finding.says == ("195.3 KB for each of 1,240 students: about 236.5 MB, done in 7 to 26 minutes.")


def test_mailing_of_a_gigabyte_is_to_be_looked_at(mailing: Mailing) -> None:
    learn_mailings(unit_seconds=5)
    attach(mailing, b"%" * 900_000)
    finding = finding_of(mailing)
    assert finding.level == Level.WARN
    assert "about 1.0 GB" in finding.says
    assert "A link to a file" in finding.says


def test_files_that_go_as_links_weigh_nothing(mailing: Mailing, settings: Any, site: str) -> None:
    settings.MAIL = {**settings.MAIL, "attachment_policy": "link", "link_above_megabytes": 0.1}
    attach(mailing, b"%" * 900_000)
    finding = finding_of(mailing)
    assert finding.level == Level.FINE
    assert finding.says.startswith("1,240 mails with links in place of the files.")


def test_mailing_without_files_tells_its_time_too(mailing: Mailing) -> None:
    learn_mailings(unit_seconds=0.01)
    assert finding_of(mailing).says == "1,240 mails without attachments, done within a minute."


def test_what_is_not_known_is_said(mailing: Mailing) -> None:
    says = "1,240 mails without attachments. When it is done cannot be told: no worker is present."
    assert finding_of(mailing).says == says


def test_one_student_is_one(draft: Mailing, students: Any, school: School) -> None:
    students.add(school, "ana@x.example")
    assert finding_of(draft).says.startswith("1 mail without attachments.")
    attach(draft, b"%" * 2048)
    assert finding_of(draft).says.startswith("2.0 KB for 1 student.")


@pytest.mark.parametrize(
    ("earliest", "latest", "told"),
    [
        (0, 59, "within a minute"),
        (20, 61, "within 2 minutes"),
        (12 * 60, 18 * 60, "in 12 to 18 minutes"),
        (61 * 60, 100 * 60, "in 1 to 2 hours"),
        (95 * 60, 130 * 60, "in 1.5 to 2.5 hours"),
        (30 * 3600, 60 * 3600, "in 1 to 2.5 days"),
    ],
)
def test_range_in_words_is_never_narrower_than_it_is(earliest: int, latest: int, told: str) -> None:
    assert within(timedelta(seconds=earliest), timedelta(seconds=latest)) == told
