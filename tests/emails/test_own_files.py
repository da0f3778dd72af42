"""Files of students' own: matched by their names, kept with a draft, and each in one mail only."""

from mimetypes import MimeTypes
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from emails import drafting, handing_in, ledger, owning, pruning, sending
from emails.delivering import mailing_of as job_mailing
from emails.models import Mailing, OwnFile, Recipient
from emails.sending import AlreadySent
from jobs import lifecycle
from jobs.models import Job, JobState, Part, PartState, Person, School, StoredFile
from jobs.testing import let_time_come, run_parts
from tests.emails.archives import archive
from tests.emails.people import A, B, C, attach, hand_in, named
from tests.emails.provider_fake import FakeProvider


@pytest.fixture
def mailing(draft: Mailing, students: Any, school: School) -> Mailing:
    """A draft to Ana (00000), Bea (00001) and Cem (00002)."""
    students.add(school, A, B, C)
    return draft


def send(mailing: Mailing, author: Person) -> Job:
    return sending.send(mailing=mailing, by=author, confirmed=None)


def arrived(mail: Any) -> dict[str, bytes]:
    return {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()}


def test_each_student_gets_their_own_file_byte_for_byte(mailing: Mailing, relay: Any, author: Person) -> None:
    contents = {
        f"0000{number}.pdf": Random(number).randbytes(57 * number * 20_000 + number) for number in range(1, 3)
    }
    contents["00000.pdf"] = b".\r\n" * 40
    hand_in(mailing, contents)
    job = send(mailing, author)
    assert job.lane == "bulk-slow"
    run_parts()
    job.refresh_from_db()
    assert (job.state, job.units_done) == (JobState.DONE, 3)
    by_address = {to: arrived(mail) for to, mail in relay.caught}
    assert by_address == {
        address: {f"0000{number}.pdf": contents[f"0000{number}.pdf"]}
        for number, address in enumerate((A, B, C))
    }
    assert relay.connections == 1


def test_files_of_any_type_arrive_as_what_they_are(
    mailing: Mailing, relay: Any, author: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mimetypes.guess_type", MimeTypes().guess_type)  # as where no list of types is
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    types = {
        "00000.pdf": "application/pdf",
        "00000.docx": word,
        "00000.PDF": "application/pdf",
        "Öz 00001.XLSX": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "00002.ics": "text/calendar",
        "00002.odt": "application/vnd.oasis.opendocument.text",
        "00002.zzz": "application/octet-stream",
    }
    hand_in(mailing, {"all.zip": archive(named(*types))})
    send(mailing, author)
    run_parts()
    by_address = {to: list(mail.iter_attachments()) for to, mail in relay.caught}
    assert {to: len(files) for to, files in by_address.items()} == {A: 3, B: 1, C: 3}
    found = {file.get_filename(): file for files in by_address.values() for file in files}
    assert {name: file.get_content_type() for name, file in found.items()} == types
    assert {name: file.get_payload(decode=True) for name, file in found.items()} == named(*types)


def test_shared_files_stand_beside_them(mailing: Mailing, relay: Any, author: Person, school: School) -> None:
    attach(mailing, b"map" * 999)
    hand_in(mailing, {f"0000{number}.pdf": b"%d" % number for number in range(3)})
    send(mailing, author)
    run_parts()
    assert [arrived(mail) for _, mail in relay.caught] == [
        {f"0000{number}.pdf": b"%d" % number, "map.pdf": b"map" * 999} for number in range(3)
    ]


def test_size_is_told_exactly(mailing: Mailing, steps: Any, author: Person, settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", steps.port
    steps.extensions = ["PIPELINING", "SIZE 50000000"]
    hand_in(mailing, {f"0000{number}.pdf": Random(number).randbytes(1000 + number) for number in range(3)})
    send(mailing, author)
    run_parts()
    told = [int(command.partition("SIZE=")[2].split()[0]) for command in steps.commands if "SIZE=" in command]
    assert [len(content) for _, content in steps.mails] == told


def test_file_takes_the_place_of_one_with_its_name(mailing: Mailing) -> None:
    hand_in(mailing, {"00000.pdf": b"first"})
    hand_in(mailing, {"00000.pdf": b"second"})
    [row] = mailing.own_files.select_related("file")
    assert row.file.content.read() == b"second"
    row.file.content.close()
    assert StoredFile.objects.count() == 1


def test_version_of_the_draft_changes_with_them(mailing: Mailing) -> None:
    before = mailing.version(files=[])
    hand_in(mailing, {"00000.pdf": b"first"})
    there = mailing.version(files=[])
    hand_in(mailing, {"00000.pdf": b"second"})
    assert len({before, there, mailing.version(files=[])}) == 3


def test_nothing_changes_once_it_is_sent(mailing: Mailing, author: Person) -> None:
    hand_in(mailing, {f"0000{number}.pdf": b"x" for number in range(3)})
    send(mailing, author)
    with pytest.raises(AlreadySent):
        hand_in(mailing, {"00000.pdf": b"other"})
    with pytest.raises(AlreadySent):
        handing_in.drop(mailing=mailing)


def test_files_are_taken_away_together(mailing: Mailing) -> None:
    hand_in(mailing, {"00000.pdf": b"%PDF a", "00001.pdf": b"%PDF b", "00002.pdf": b"%PDF c"})
    with CaptureQueriesContext(connection) as asked:
        assert handing_in.drop(mailing=mailing) == 3
    statements = [query["sql"] for query in asked.captured_queries]
    assert sum(each.startswith('DELETE FROM "emails_ownfile"') for each in statements) == 1
    assert not StoredFile.objects.exists()


def test_who_has_none_gets_no_mail(mailing: Mailing, relay: Any, author: Person) -> None:
    hand_in(mailing, {"00000.pdf": b"x", "00002.pdf": b"x"})
    send(mailing, author)
    run_parts()
    assert relay.addresses == [A, C]
    assert Recipient.objects.get(address=B).state == "refused"
    assert "no file of this student's own" in Recipient.objects.get(address=B).relay_words


def test_file_that_is_not_what_was_stored_is_not_sent(mailing: Mailing, relay: Any, author: Person) -> None:
    send_with_changed_files(mailing, author)
    run_parts()
    assert relay.addresses == [C]
    assert "is not what it was" in Recipient.objects.get(address=A).relay_words
    assert Recipient.objects.get(address=B).state == "refused"


@pytest.mark.parametrize("name", ["mailgun", "postmark"], indirect=True)
def test_file_that_is_not_what_was_stored_is_given_to_no_provider(
    mailing: Mailing, provider: FakeProvider, author: Person
) -> None:
    send_with_changed_files(mailing, author)
    run_parts()
    assert [mail.to for mail in provider.caught] == [C]
    assert "is not what it was" in Recipient.objects.get(address=A).relay_words
    assert Recipient.objects.get(address=B).state == "refused"


def send_with_changed_files(mailing: Mailing, author: Person) -> None:
    """Send three files, of which the first has other bytes by then and the second is gone."""
    hand_in(mailing, {"00000.pdf": b"aaaa", "00001.pdf": b"bbbb", "00002.pdf": b"cccc"})
    send(mailing, author)
    Path(mailing.own_files.get(name="00000.pdf").file.content.path).write_bytes(b"aaax")
    Path(mailing.own_files.get(name="00001.pdf").file.content.path).unlink()


def test_parts_are_cut_by_what_their_mails_carry(
    mailing: Mailing, author: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emails.ledger.PART_BYTES", 165_000)
    hand_in(mailing, {"00000.pdf": b"x" * 120_000, "00001.pdf": b"y" * 1000, "00002.pdf": b"z" * 1000})
    job = send(mailing, author)
    assert job.sizes == {"recipients": 3, "bytes": 122_000 // 3, "own_files": 3, "units": 3}
    ledger.write_ledger(job_mailing(job))
    assert [part.units for part in ledger.plans(job_mailing(job))] == [1, 2]
    assert sum(part.bytes for part in ledger.plans(job_mailing(job))) > 122_000 * 4 // 3


def test_parts_of_a_retry_are_cut_by_it_too(
    mailing: Mailing, author: Person, relay: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emails.ledger.PART_BYTES", 200_000)
    hand_in(mailing, {"00000.pdf": b"x" * 90_000, "00001.pdf": b"y" * 90_000, "00002.pdf": b"z" * 1000})
    relay.refused.update(dict.fromkeys((A, B, C), "550 no"))
    job = send(mailing, author)
    run_parts()
    lifecycle.retry(job, by=author)
    offered = job.parts.filter(step="work", state=PartState.WAITING).order_by("pk")
    assert [part.units for part in offered] == [1, 2]
    relay.refused.clear()
    run_parts()
    assert relay.addresses == [A, B, C]


def test_connection_lost_in_the_middle_is_tried_again(
    mailing: Mailing, author: Person, cutting_relay: None
) -> None:
    hand_in(mailing, {f"0000{number}.pdf": b"x" * 5_000_000 for number in range(3)})
    job = send(mailing, author)
    run_parts()
    assert set(Recipient.objects.values_list("state", flat=True)) <= {"waiting"}
    assert Part.objects.get(job=job, step="work", units=3).state == PartState.DELAYED


@pytest.mark.parametrize("name", ["mailgun", "postmark"], indirect=True)
def test_provider_gets_each_of_them_alone(mailing: Mailing, provider: FakeProvider, author: Person) -> None:
    hand_in(mailing, {f"0000{number}.pdf": b"%d" % number for number in range(3)})
    send(mailing, author)
    run_parts()
    let_time_come()
    assert [(mail.to, mail.files) for mail in provider.caught] == [
        (address, {f"0000{number}.pdf": b"%d" % number}) for number, address in enumerate((A, B, C))
    ]
    assert len(provider.calls) == 3


def test_test_mail_has_those_of_the_student_who_is_shown(
    mailing: Mailing, relay: Any, author: Person, students: Any
) -> None:
    hand_in(mailing, {f"0000{number}.pdf": b"%d" % number for number in range(3)})
    bea = students.students_by_number(school_id=mailing.school_id, numbers=["00001"])["00001"]
    sending.send_test(mailing=mailing, by=author, key="1", student=bea.id)
    sending.send_test(mailing=mailing, by=author, key="2")
    run_parts(lane="mail")
    assert [arrived(mail) for _, mail in relay.caught] == [{"00001.pdf": b"1"}, {"00000.pdf": b"0"}]


def test_they_go_with_the_draft_that_is_thrown_away(mailing: Mailing) -> None:
    hand_in(mailing, {f"0000{number}.pdf": b"%d" % number for number in range(3)})
    drafting.discard_draft(mailing=mailing)
    assert not StoredFile.objects.exists()


def test_they_are_pruned_with_their_mailing(mailing: Mailing, relay: Any, author: Person) -> None:
    hand_in(mailing, {f"0000{number}.pdf": b"%d" % number for number in range(3)})
    job = send(mailing, author)
    run_parts()
    assert pruning.prune_mailing(job, most=4) == 4
    assert OwnFile.objects.count() == 2
    assert pruning.prune_mailing(job, most=4) == 2
    assert not Mailing.objects.exists()
    assert not StoredFile.objects.exists()


def test_other_mailings_ask_nothing_of_them(mailing: Mailing, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert owning.bytes_by_student(mailing) == {}
        assert owning.files_of(mailing, student_id=1) == []
