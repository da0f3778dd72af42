"""The pre-flight: what it finds about recipients and text."""

from typing import Any

import pytest
from django.utils import timezone

from emails import suppressing
from emails.findings import Finding, Level
from emails.models import Mailing, SuppressionReason
from emails.preflight import Blocked, Preflight, preflight_of
from jobs.models import Role, School
from jobs.testing import make_person, make_school
from tests.emails.people import attach, require


@pytest.fixture
def mailing(draft: Mailing, students: Any, school: School, site: str) -> Mailing:
    students.add(school, "ana@x.example", "bea@x.example")
    return draft


def of(found: Preflight, title: str) -> list[Finding]:
    return [finding for finding in found.findings if finding.title == title]


def only(mailing: Mailing, title: str) -> Finding:
    [finding] = of(preflight_of(mailing, now=timezone.now()), title)
    return finding


def test_mailing_with_nothing_wrong_is_fine(mailing: Mailing) -> None:
    found = preflight_of(mailing, now=timezone.now())
    assert not found.is_blocked
    assert found.count == 2
    for title in ("Addresses", "Merge fields", "Suppression list", "Unsubscribing"):
        assert [finding.level for finding in of(found, title)] == [Level.FINE]


def test_missing_values_are_listed_with_their_students(
    mailing: Mailing, students: Any, school: School
) -> None:
    students.add(school, "cem@x.example", major="", graduation_year=None)
    mailing.body = "{{ major }} {{ graduation_year }} {{ number | default: '-' }}"
    finding = only(mailing, "Merge fields")
    assert finding.level == Level.WARN
    assert finding.named == ("Cem Öz <cem@x.example>: no graduation_year, major",)
    assert "1 student would get a mail with a gap" in finding.says


def test_missing_value_in_the_subject_counts_too(mailing: Mailing, students: Any, school: School) -> None:
    students.add(school, "cem@x.example", major="")
    mailing.subject, mailing.body = "{{ major }}", "Hi"
    assert only(mailing, "Merge fields").level == Level.WARN


@pytest.mark.parametrize(
    "subject", ["{{ major }}", " {{ major | strip }} ", "{% if major == '' %}{% else %}Fair{% endif %}"]
)
def test_subject_that_is_empty_once_filled_in_blocks_with_the_names(
    mailing: Mailing, students: Any, school: School, subject: str
) -> None:
    students.add(school, "cem@x.example", major="")
    mailing.subject = subject
    finding = only(mailing, "Subject")
    assert (finding.level, finding.named) == (Level.BLOCK, ("Cem Öz <cem@x.example>",))
    assert "1 student would get a mail without a subject" in finding.says
    with pytest.raises(Blocked, match="without a subject"):
        require(mailing)


def test_subject_with_words_of_its_own_is_never_empty(
    mailing: Mailing, students: Any, school: School
) -> None:
    students.add(school, "cem@x.example", major="")
    mailing.subject = "Fair {{ major }}"
    assert not of(preflight_of(mailing, now=timezone.now()), "Subject")


def test_first_ten_are_named_and_the_others_counted(mailing: Mailing, students: Any, school: School) -> None:
    students.add(school, *(f"s{number}@x.example" for number in range(13)), major="")
    mailing.body = "{{ major }}"
    finding = only(mailing, "Merge fields")
    assert (len(finding.named), finding.others) == (10, 3)


def test_text_that_cannot_be_read_any_more_blocks(mailing: Mailing) -> None:
    mailing.body = "{{ shoe_size }}"
    assert only(mailing, "Merge fields").level == Level.BLOCK
    with pytest.raises(Blocked, match="no merge field"):
        require(mailing)


def test_shared_addresses_are_told(mailing: Mailing, students: Any, school: School) -> None:
    students.add(school, "ANA@x.example", first_name="Anja")
    finding = only(mailing, "Addresses")
    assert finding.level == Level.WARN
    assert finding.named == ("ana@x.example: Ana Öz, Anja Öz",)
    assert "1 student will get none of their own" in finding.says


def test_shared_address_that_gets_no_mail_is_not_told(
    mailing: Mailing, students: Any, school: School
) -> None:
    students.add(school, "ANA@x.example", first_name="Anja")
    suppressing.suppress(
        school=school, addresses=["ana@x.example"], reason=SuppressionReason.STAFF, now=timezone.now()
    )
    assert only(mailing, "Addresses").level == Level.FINE


def test_students_without_an_address_are_told(mailing: Mailing, students: Any, school: School) -> None:
    students.add(school, "", first_name="Dee")
    finding = only(mailing, "Addresses")
    assert finding.named == ("Dee Öz",)
    assert finding.says == "1 student matches but has no address."


@pytest.mark.parametrize("address", ["dee@", "dee@x_y.example", "d..ee@x.example", "dee", "d ee@x.example"])
def test_addresses_that_cannot_be_used_are_told(
    mailing: Mailing, students: Any, school: School, address: str
) -> None:
    students.add(school, address, first_name="Dee")
    finding = only(mailing, "Addresses")
    assert finding.level == Level.WARN
    assert finding.named == (f"Dee Öz <{address}>",)


@pytest.mark.parametrize("address", ["dée@x.example", "dee@müller.example", "o'dee+1@x.example"])
def test_unusual_addresses_are_fine(mailing: Mailing, students: Any, school: School, address: str) -> None:
    students.add(school, address)
    assert only(mailing, "Addresses").level == Level.FINE


def test_nothing_but_unusable_addresses_blocks(draft: Mailing, students: Any, school: School) -> None:
    students.add(school, "ana", "bea")
    assert only(draft, "Addresses").level == Level.BLOCK


def test_nobody_to_send_to_blocks(draft: Mailing, students: Any) -> None:
    assert preflight_of(draft, now=timezone.now()).is_blocked


def suppress(school: School, *addresses: str, reason: SuppressionReason) -> None:
    suppressing.suppress(school=school, addresses=addresses, reason=reason, now=timezone.now())


def test_who_has_opted_out_is_told_apart_from_who_cannot_be_reached(
    mailing: Mailing, students: Any, school: School
) -> None:
    students.add(school, "cem@x.example")
    suppress(school, "Ana@x.example", reason=SuppressionReason.UNSUBSCRIBED)
    suppress(school, "bea@x.example", reason=SuppressionReason.BOUNCED)
    found = preflight_of(mailing, now=timezone.now())
    [finding] = found.told
    assert (finding.level, found.warnings, of(found, "Suppression list")) == (Level.TOLD, 0, [])
    assert finding.says == "2 students will be left out: 1 unsubscribed; 1 had mail that came back."
    assert len(finding.named) == 2


def test_another_schools_list_does_not_count(mailing: Mailing) -> None:
    suppress(make_school(), "ana@x.example", reason=SuppressionReason.UNSUBSCRIBED)
    assert only(mailing, "Suppression list").level == Level.FINE


def test_nobody_left_after_the_list_blocks(mailing: Mailing, school: School) -> None:
    suppress(school, "ana@x.example", "bea@x.example", reason=SuppressionReason.STAFF)
    with pytest.raises(Blocked, match="All recipients are on the suppression list"):
        require(mailing)


def test_people_of_other_schools_do_not_show(mailing: Mailing, school: School) -> None:
    before = preflight_of(mailing, now=timezone.now())
    make_person(school=make_school(), email="ana@x.example")
    make_person(role=Role.OPS, email="bea@x.example")
    assert preflight_of(mailing, now=timezone.now()) == before


def test_mailing_without_a_link_to_unsubscribe_is_told_who_has_to_set_what(
    mailing: Mailing, settings: Any
) -> None:
    settings.SITE_URL = ""
    finding = only(mailing, "Unsubscribing")
    assert finding.level == Level.WARN
    assert "Ask those who run the platform to set SITE_URL" in finding.says
    require(mailing)


@pytest.mark.parametrize("name", ["Registration.EXE", "list.csv.js", "form.iso"])
def test_program_that_is_attached_is_named(mailing: Mailing, name: str) -> None:
    attach(mailing, b"MZ", name=name)
    attach(mailing, b"%PDF", name="Programme.exe.pdf")
    [finding] = of(preflight_of(mailing, now=timezone.now()), "Files")
    assert (finding.level, finding.named) == (Level.WARN, (name,))
    assert "send files as links" in finding.says


def test_gravest_findings_come_first(mailing: Mailing, students: Any, school: School) -> None:
    students.add(school, "")
    mailing.body = "{{ shoe_size }}"
    levels = [finding.level for finding in preflight_of(mailing, now=timezone.now()).findings]
    assert levels[0] == Level.BLOCK
    assert levels == sorted(levels, key=list(Level).index)
