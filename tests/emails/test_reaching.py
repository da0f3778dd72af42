"""The number that is told and typed is that of the students who get a mail; the others are told apart."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from emails import ledger, reaching, sending, suppressing
from emails.models import Mailing, Recipient, Suppression, SuppressionReason
from emails.preflight import preflight_of
from jobs import counting
from jobs.asking import Refused
from jobs.models import Job, Person, School
from jobs.requesting import request
from jobs.testing import make_school, run_parts

ANA, BEA, CEM = "ana@x.example", "bea@x.example", "cem@x.example"


def suppress(school: School, *addresses: str) -> None:
    reason = SuppressionReason.UNSUBSCRIBED
    suppressing.suppress(school=school, addresses=addresses, reason=reason, now=timezone.now())


def send(client: Client, draft: Mailing, *, confirmed: int) -> Any:
    given = {"confirmed": confirmed, "version": draft.version(files=draft.attached_files())}
    return client.post(f"/mailings/{draft.pk}/send/", given)


def preflight_text(draft: Mailing) -> str:
    return " ".join(finding.says for finding in preflight_of(draft, now=timezone.now()).findings)


@pytest.fixture
def listed(staff: Client, draft: Mailing, school: School) -> Mailing:
    """A draft to three students of whom one has unsubscribed, in another spelling."""
    suppress(school, "BEA@x.example")
    return draft


def test_check_tells_and_asks_for_the_number_who_get_it(staff: Client, listed: Mailing) -> None:
    text = staff.get(f"/mailings/{listed.pk}/check/").content.decode()
    assert "<strong>2 students</strong> will get this mailing. 1 more matches and is left out" in text
    assert "Send to 2 students" in text
    refused = send(staff, listed, confirmed=3)
    assert refused.status_code == 422
    assert "now 2 students get this mailing, not 3" in refused.content.decode()
    assert not Job.objects.exists()
    assert send(staff, listed, confirmed=2)["Location"] == f"/jobs/{Job.objects.get().pk}/"


def test_check_names_the_left_out_apart_from_problems(staff: Client, listed: Mailing, site: str) -> None:
    text = staff.get(f"/mailings/{listed.pk}/check/").content.decode()
    wrong, _, left_out = text.partition('<h2 id="left-out">Left out</h2>')
    assert "All is well" in wrong
    assert "bea@x.example" not in wrong
    assert "1 student will be left out: 1 unsubscribed." in left_out
    assert "Bea Öz &lt;bea@x.example&gt;" in left_out


def test_preview_and_count_tell_the_same_number(staff: Client, listed: Mailing) -> None:
    text = staff.get(f"/mailings/{listed.pk}/").content.decode()
    assert "Send to 2 students" in text
    assert "<span>left out: on the suppression list</span><strong>1</strong>" in text
    assert "Mail 1 of 2" in text
    last = staff.get(f"/mailings/{listed.pk}/", {"mail": 2}).content.decode()
    assert "Hi Cem" in last
    counted = staff.post("/mailings/count/", {}).content.decode()
    assert "<strong>2 students</strong>. 1 more matches and is left out" in counted


def test_addresses_that_cannot_be_used_are_not_in_the_number(
    staff: Client, draft: Mailing, students: Any, school: School
) -> None:
    students.add(school, "dee", "eva@", first_name="Dee")
    text = staff.get(f"/mailings/{draft.pk}/check/").content.decode()
    assert "<strong>3 students</strong> will get this mailing. 2 more match and get nothing" in text
    assert send(staff, draft, confirmed=3).status_code == 302


def test_job_counts_who_was_left_out_beside_those_who_got_it(
    listed: Mailing, author: Person, relay: Any
) -> None:
    job = sending.send(mailing=listed, by=author, confirmed=2)
    assert job.sizes["recipients"] == 2
    run_parts(lane="bulk")
    assert relay.addresses == [ANA, CEM]
    job.refresh_from_db()
    assert (job.state, job.units_total, job.units_failed) == ("done", 2, 0)
    left_out = Recipient.objects.get(address=BEA)
    assert (left_out.state, left_out.relay_words) == (
        "omitted",
        "Left out: the recipient has unsubscribed.",
    )


def test_total_is_of_those_who_get_a_mail_from_the_first_moment(
    listed: Mailing, author: Person, relay: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "PART_RECIPIENTS", 1)
    job = sending.send(mailing=listed, by=author, confirmed=2)
    totals = [counting.count([job])[job.pk].units.wanted]
    for _ in ("the plan", ANA, CEM):
        with pytest.raises(AssertionError, match="still one"):
            run_parts(lane="bulk", limit=0)
        totals.append(counting.count([job])[job.pk].units.wanted)
    assert relay.addresses == [ANA, CEM]
    assert totals == [2, 2, 2, 2]


def test_job_of_which_all_come_on_the_list_before_its_plan_ends_with_all_left_out(
    listed: Mailing, author: Person, relay: Any, school: School
) -> None:
    job = sending.send(mailing=listed, by=author, confirmed=2)
    suppress(school, ANA, CEM)
    run_parts(lane="bulk")
    job.refresh_from_db()
    assert (job.state, relay.addresses) == ("done", [])
    units = counting.count([job])[job.pk].units
    assert (units.total, units.skipped, units.wanted) == (3, 3, 0)


def test_page_tells_how_many_are_in_the_list_and_why_some_were_left_out(
    listed: Mailing, author: Person, relay: Any, school: School, staff: Client
) -> None:
    suppress(school, CEM)
    job = sending.send(mailing=listed, by=author, confirmed=1)
    run_parts(lane="bulk")
    page = " ".join(staff.get(f"/jobs/{job.pk}/").content.decode().split())
    assert "3 students are in the list, and 2 of them were left out:" in page
    assert "<span>done: accepted</span><strong>1</strong>" in page
    assert "<span>left out</span><strong>2</strong>" in page
    assert "<li>2: the recipient has unsubscribed.</li>" in page
    assert f'<a href="/mailings/{listed.pk}/recipients/?state=suppressed">All who were left out</a>' in page


def test_who_cannot_be_written_to_is_left_out_and_is_no_problem_of_the_job(
    draft: Mailing, author: Person, students: Any, school: School, relay: Any
) -> None:
    students.add(school, ANA, BEA, CEM, "dee@", "eva@x.example")
    broken = students.by_school[school.pk][-1]
    students.by_school[school.pk][-1] = replace(broken, first_name="Eva\r\nBcc: x@y.example")
    text = preflight_text(draft)
    assert "1 student will get nothing: their address cannot be used for mail." in text
    assert "1 student will get nothing: there is a line break or another control character" in text
    job = sending.send(mailing=draft, by=author, confirmed=3)
    assert job.sizes["recipients"] == 3
    run_parts(lane="bulk")
    job.refresh_from_db()
    assert (job.state, job.units_failed) == ("done", 0)
    assert len(relay.addresses) == 3
    left_out = Recipient.objects.filter(state="omitted").order_by("address")
    assert [recipient.relay_words for recipient in left_out] == [
        "Left out: this address cannot be used for mail.",
        "Left out: there is a line break or another control character in the name.",
    ]


def test_who_was_left_out_gets_nothing_though_they_leave_the_list_meanwhile(
    listed: Mailing, author: Person, relay: Any
) -> None:
    sending.send(mailing=listed, by=author, confirmed=2)
    Suppression.objects.get().remove(by=None, words="They asked", now=timezone.now())
    run_parts(lane="bulk")
    assert relay.addresses == [ANA, CEM]
    assert Recipient.objects.get(address=BEA).relay_words.startswith("Left out: the address was on")


def test_nobody_left_is_told_and_sends_nothing(staff: Client, listed: Mailing, school: School) -> None:
    suppress(school, ANA, CEM)
    assert "All students who match are left out" in staff.get(f"/mailings/{listed.pk}/").content.decode()
    with pytest.raises(sending.NoRecipients, match="All students who match are left out"):
        sending.send(mailing=listed, by=None, confirmed=None)


def test_list_and_unusable_addresses_together_leave_nobody(
    draft: Mailing, students: Any, school: School, staff: Client
) -> None:
    students.by_school.clear()
    students.add(school, ANA, "dee")
    suppress(school, ANA)
    text = staff.get(f"/mailings/{draft.pk}/check/").content.decode()
    assert "All recipients are on the suppression list or have an address that cannot be used" in text
    assert 'name="confirmed"' not in text


def test_other_schools_list_leaves_nobody_out(staff: Client, draft: Mailing) -> None:
    suppress(make_school(), ANA)
    assert len(reaching.recipients_of(draft)) == 3


def test_program_expects_the_number_who_get_it(listed: Mailing, school: School) -> None:
    def ask(recipients: int) -> tuple[Job, bool]:
        arguments = {"mailing": listed.pk, "recipients": recipients}
        return request(kind="emails.mailing", school=school, by=None, key="one", arguments=arguments)

    with pytest.raises(Refused, match="now 2 students get this mailing, not 3"):
        ask(3)
    job, is_new = ask(2)
    assert is_new
    assert ask(2) == (job, False)


@pytest.mark.parametrize("address", ["/", "/jobs/", "/mailings/"])
def test_lists_count_the_left_out_as_the_jobs_page_does(
    staff: Client, listed: Mailing, author: Person, relay: Any, address: str
) -> None:
    job = sending.send(mailing=listed, by=author, confirmed=2)
    run_parts(lane="bulk")
    page = staff.get(f"/jobs/{job.pk}/").content.decode()
    assert re.search(r"<strong>2</strong> of 2 mails done, 1 left out", page)
    assert '2 of 2, <span class="muted">1 left out</span>' in staff.get(address).content.decode()
