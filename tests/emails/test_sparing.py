"""Who had another mailing of the school lately: told, and left out if the writer wants."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from emails import composing, drafting, sending
from emails.findings import Choice, Finding, Level
from emails.models import Mailing, Recipient, RecipientState
from emails.preflight import Blocked, preflight_of
from emails.reaching import reach_of
from jobs.models import Job, School
from jobs.testing import make_school, run_parts
from tests.emails.people import A, B, C, hand_in, named, require


@pytest.fixture
def mailing(draft: Mailing, students: Any, school: School) -> Mailing:
    students.add(school, A, B, C)
    return draft


def had_mail(school: School, *addresses: str, hours_ago: float = 1, state: str = "accepted") -> Mailing:
    """Let the addresses have had another mailing of the school."""
    other = Mailing.objects.create(school=school, subject="Before", body="Hi")
    at = timezone.now() - timedelta(hours=hours_ago) if state in {"accepted", "bounced"} else None
    for number, address in enumerate(addresses):
        Recipient.objects.create(
            mailing=other,
            school=school,
            student_id=number,
            name="Somebody",
            address=address,
            message_id=composing.new_message_id(),
            state=state,
            accepted_at=at,
        )
    return other


def finding_of(mailing: Mailing) -> Finding | None:
    found = preflight_of(mailing, now=timezone.now())
    return next((each for each in [*found.findings, *found.told] if each.title == "Mailed lately"), None)


def spare(mailing: Mailing) -> Mailing:
    drafting.choose(mailing=mailing, choice=Choice.SPARE)
    mailing.refresh_from_db()
    return mailing


def set_hours(settings: Any, hours: float) -> None:
    settings.MAIL = {**django_settings.MAIL, "again_hours": hours}


def test_those_who_had_mail_lately_are_told_however_their_address_is_spelled(
    mailing: Mailing, school: School
) -> None:
    had_mail(school, A.upper(), B)
    finding = finding_of(mailing)
    assert finding
    assert finding.says == "2 of them had a mailing of your school in the last 48 hours."
    assert (finding.level, finding.choice, len(finding.named)) == (Level.WARN, Choice.SPARE, 2)
    assert len(reach_of(mailing).recipients) == 3


def test_a_mail_that_came_back_was_a_mail_too(mailing: Mailing, school: School) -> None:
    had_mail(school, A, state="bounced")
    assert finding_of(mailing)


def test_others_do_not_count(mailing: Mailing, school: School) -> None:
    had_mail(school, A, hours_ago=49)
    had_mail(school, B, state="refused")
    had_mail(make_school(), C)
    assert finding_of(mailing) is None


def test_span_is_a_setting_and_nothing_switches_it_off(
    mailing: Mailing, school: School, settings: Any
) -> None:
    had_mail(school, A, hours_ago=49)
    set_hours(settings, 72)
    finding = finding_of(mailing)
    assert finding
    assert "1 of them" in finding.says
    assert "the last 72 hours" in finding.says
    set_hours(settings, 0)
    assert finding_of(mailing) is None


def test_who_is_spared_is_told_and_the_number_to_type_is_smaller(mailing: Mailing, school: School) -> None:
    had_mail(school, A)
    before = mailing.version(files=[])
    spare(mailing)
    finding = finding_of(mailing)
    assert finding
    assert (finding.level, finding.choice) == (Level.TOLD, Choice.WRITE)
    assert finding.says == "1 student will be left out: they had a mailing in the last 48 hours."
    assert mailing.version(files=[]) != before
    with pytest.raises(sending.RecipientsChanged, match="now 2 students get this mailing, not 3"):
        sending.send(mailing=mailing, by=None, confirmed=3)
    job = sending.send(mailing=mailing, by=None, confirmed=2)
    assert job.sizes["recipients"] == 2


def test_spared_are_left_out_with_a_reason_also_when_it_is_long_ago_by_then(
    mailing: Mailing, school: School, relay: Any
) -> None:
    before = had_mail(school, A)
    job = sending.send(mailing=spare(mailing), by=None, confirmed=2)
    before.recipients.update(accepted_at=timezone.now() - timedelta(days=30))
    run_parts(lane="bulk")
    assert len(relay.caught) == 2
    spared = mailing.recipients.get(address=A)
    assert spared.state == RecipientState.OMITTED
    assert spared.relay_words == "Left out: had another mailing in the last 48 hours."
    assert Job.objects.get(pk=job.pk).state == "done"


def test_who_gets_another_mailing_before_this_one_is_sent_is_left_out_too(
    mailing: Mailing, school: School, relay: Any
) -> None:
    sending.send(mailing=spare(mailing), by=None, confirmed=3)
    had_mail(school, B)
    run_parts(lane="bulk")
    assert len(relay.caught) == 2
    assert mailing.recipients.get(address=B).state == RecipientState.OMITTED


def test_nobody_is_left_out_who_was_not_to_be(mailing: Mailing, school: School, relay: Any) -> None:
    had_mail(school, A, B)
    sending.send(mailing=mailing, by=None, confirmed=3)
    run_parts(lane="bulk")
    assert len(relay.caught) == 3


def test_nobody_left_blocks_and_is_not_the_suppression_lists_fault(mailing: Mailing, school: School) -> None:
    had_mail(school, A, B, C)
    with pytest.raises(Blocked, match="All of them had a mailing of your school"):
        require(spare(mailing))


def test_page_offers_the_choice_and_takes_it_back(staff: Client, draft: Mailing, school: School) -> None:
    had_mail(school, A)
    address = f"/mailings/{draft.pk}/check/"
    assert "Leave them out" in staff.get(address).content.decode()
    response = staff.post(f"/mailings/{draft.pk}/choose/", {"choice": "spare"})
    assert response["Location"] == address
    text = staff.get(address).content.decode()
    assert "<strong>2 students</strong> will get this mailing" in text
    assert "Write to them too" in text
    staff.post(f"/mailings/{draft.pk}/choose/", {"choice": "write"})
    assert "<strong>3 students</strong> will get this mailing" in staff.get(address).content.decode()


def test_choice_of_a_sent_mailing_stays(staff: Client, draft: Mailing, school: School) -> None:
    sending.send(mailing=draft, by=None, confirmed=3)
    staff.post(f"/mailings/{draft.pk}/choose/", {"choice": "spare"})
    draft.refresh_from_db()
    assert not draft.spares_lately


def test_nobody_is_asked_about_where_the_hours_are_none(mailing: Mailing, settings: Any) -> None:
    set_hours(settings, 0)
    assert finding_of(spare(mailing)) is None


def without_lacking(mailing: Mailing, *names: str) -> Mailing:
    """Leave those out who have none of these own files."""
    hand_in(mailing, named(*names))
    drafting.choose(mailing=mailing, choice=Choice.WITHOUT_LACKING)
    mailing.refresh_from_db()
    return mailing


def test_who_is_left_out_for_want_of_a_file_is_not_told_to_have_had_mail(
    mailing: Mailing, school: School
) -> None:
    had_mail(school, A, B)
    without_lacking(mailing, "00001.pdf", "00002.pdf")
    finding = finding_of(mailing)
    assert finding
    assert finding.says == "1 of them had a mailing of your school in the last 48 hours."
    assert finding.named == (f"Bea Öz <{B}>",)


def test_nothing_is_told_where_all_who_had_mail_are_left_out_already(
    mailing: Mailing, school: School
) -> None:
    had_mail(school, A, B)
    assert finding_of(without_lacking(mailing, "00002.pdf")) is None


def test_not_all_had_mail_where_the_others_lack_a_file(mailing: Mailing, school: School) -> None:
    had_mail(school, A)
    finding = finding_of(spare(without_lacking(mailing, "00000.pdf")))
    assert finding
    assert finding.says == "1 student will be left out: they had a mailing in the last 48 hours."
    assert finding.level == Level.TOLD
    with pytest.raises(Blocked, match="no file for any"):
        require(mailing)
