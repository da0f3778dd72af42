"""Pages of files of students' own, what the pre-flight says of them, and who may see them."""

from pathlib import Path
from random import Random
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from emails import handing_in, preflight, previewing, sending
from emails.findings import Choice, Finding, Level
from emails.models import Mailing, Recipient
from jobs.models import Cost, Job, JobState, Person, WorkerPresence
from jobs.testing import make_person, run_parts
from tests.emails.people import A, B, C, hand_in, learn_mailings, named, require

OWN = "Files of their own"


@pytest.fixture
def address(staff: Client, draft: Mailing) -> str:
    """Where the pages of the draft to Ana (00000), Bea (00001) and Cem (00002) begin."""
    return f"/mailings/{draft.pk}"


def findings(draft: Mailing, title: str = OWN) -> list[Finding]:
    found = preflight.preflight_of(draft, now=timezone.now())
    return [finding for finding in (*found.findings, *found.told) if finding.title == title]


def shown(page: Any) -> str:
    return " ".join(page.content.decode().split())


def test_files_are_handed_in_and_listed_with_their_students(
    address: str, staff: Client, draft: Mailing
) -> None:
    assert "There are none yet" in shown(staff.get(f"{address}/own-files/"))
    chosen = [SimpleUploadedFile("Letter_00001.pdf", b"x"), SimpleUploadedFile("readme.txt", b"y")]
    page = staff.post(f"{address}/own-files/", {"chosen": chosen}, follow=True)
    assert "2 files were handed in; 1 of them could be matched to nobody." in shown(page)
    assert "Bea Öz" in shown(page)
    assert "Nobody" in shown(page)
    assert "2 files" in shown(page)


def test_name_of_two_students_is_told_apart_from_a_name_of_none(
    address: str, staff: Client, draft: Mailing
) -> None:
    hand_in(draft, named("00000 00001.pdf", "readme.txt"))
    page = shown(staff.get(f"{address}/own-files/"))
    none, several = "no number of a student of yours", "the numbers of several students of yours"
    assert page.index("00000 00001.pdf</a>") < page.index(several) < page.index("readme.txt</a>")
    assert page.index("readme.txt</a>") < page.index(none)
    assert (page.count(none), page.count(several)) == (1, 1)
    told = {finding.named: finding.says for finding in findings(draft) if finding.level == Level.WARN}
    assert none in told[("readme.txt",)]
    assert several in told[("00000 00001.pdf",)]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("all.zip", b"no archive", "cannot be read as a ZIP"), ("00001.pdf", b"", "is empty")],
)
def test_what_cannot_be_taken_is_said(
    address: str, staff: Client, name: str, content: bytes, says: str
) -> None:
    page = staff.post(f"{address}/own-files/", {"chosen": [SimpleUploadedFile(name, content)]})
    assert page.status_code == 422
    assert says in shown(page)
    assert "Choose the files" in shown(staff.post(f"{address}/own-files/", {}))


def test_upload_beyond_the_limit_is_refused(address: str, staff: Client, settings: Settings) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "files": {"upload_megabytes": 0.001}}
    page = staff.post(f"{address}/own-files/", {"chosen": [SimpleUploadedFile("00001.pdf", b"x" * 2000)]})
    assert page.status_code == 422
    assert "Please do it in several steps" in shown(page)


def test_page_says_how_many_files_are_taken_at_once(address: str, staff: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 7
    assert "Up to 7 files at once" in shown(staff.get(f"{address}/own-files/"))


def test_files_are_taken_away_one_by_one_or_all(
    address: str, staff: Client, draft: Mailing, author: Person
) -> None:
    hand_in(draft, named("00000.pdf", "00001.pdf", "00002.pdf"))
    one = draft.own_files.get(name="00001.pdf").pk
    assert "1 file was taken away" in shown(
        staff.post(f"{address}/own-files/drop/", {"file": one}, follow=True)
    )
    assert "2 files were taken away" in shown(staff.post(f"{address}/own-files/drop/", follow=True))
    draft.refresh_from_db()
    assert not draft.has_own_files


def test_number_of_queries_does_not_grow_with_the_files(
    address: str, staff: Client, draft: Mailing, author: Person, django_assert_max_num_queries: Any
) -> None:
    hand_in(draft, named(*(f"{number:05d}.pdf" for number in range(40))))
    with django_assert_max_num_queries(8):
        staff.get(f"{address}/own-files/")


def test_preview_shows_each_students_own(address: str, staff: Client, draft: Mailing, author: Person) -> None:
    hand_in(draft, named("00000.pdf", "00001.pdf"))
    assert [file.name for file in previewing.preview_of(draft, number=2).sample.own_files] == ["00001.pdf"]
    page = shown(staff.get(f"{address}/?mail=2"))
    file = draft.own_files.get(name="00001.pdf").file_id
    assert f'<a href="/files/{file}/">00001.pdf</a>' in page
    assert "00000.pdf" not in page
    assert "No file: there is none for this student." in shown(staff.get(f"{address}/?mail=3"))


def test_another_school_sees_nothing_of_them(address: str, draft: Mailing, author: Person) -> None:
    hand_in(draft, named("00000.pdf"))
    stranger = Client()
    stranger.force_login(make_person())
    file = draft.own_files.get().file_id
    for path in (f"{address}/own-files/", f"{address}/", f"/files/{file}/"):
        assert stranger.get(path).status_code == 404
    for path in (f"{address}/own-files/", f"{address}/own-files/drop/"):
        assert stranger.post(path).status_code == 404
    assert draft.own_files.count() == 1


def test_mailing_waits_for_those_who_lack_a_file(
    address: str, staff: Client, draft: Mailing, author: Person
) -> None:
    hand_in(draft, named("00000.pdf", "readme.txt", "00002.pdf"))
    lacking, nobody = findings(draft)
    assert (lacking.level, lacking.named, lacking.choice) == (
        Level.BLOCK,
        (f"Bea Öz <{B}>",),
        Choice.WITHOUT_LACKING,
    )
    assert "There is no file for 1 student." in lacking.says
    assert (nobody.level, nobody.named) == (Level.WARN, ("readme.txt",))
    with pytest.raises(preflight.Blocked, match="There is no file for 1 student"):
        require(draft)
    assert "Leave them out" in shown(staff.get(f"{address}/check/"))


def test_who_gets_more_than_one_file_is_named(staff: Client, draft: Mailing, author: Person) -> None:
    hand_in(draft, named("00000.pdf", "Letter_00000.pdf", "00001.pdf", "00002.pdf"))
    [several] = findings(draft)
    assert (several.level, several.says) == (
        Level.WARN,
        "1 student gets more than one file. Take away what is not meant for them.",
    )
    assert several.named == (f"Ana Öz <{A}>: 00000.pdf, Letter_00000.pdf",)


def test_page_says_how_much_an_archive_may_have_unpacked(address: str, staff: Client) -> None:
    page = shown(staff.get(f"{address}/own-files/"))
    assert "ZIP archives: 100.0 MB as they are uploaded, and 1,000 files of 400.0 MB in all unpacked" in page


def test_those_who_lack_a_file_are_left_out_by_choice(
    address: str, staff: Client, draft: Mailing, author: Person, relay: Any
) -> None:
    hand_in(draft, named("00000.pdf", "00002.pdf"))
    page = staff.post(f"{address}/choose/", {"choice": "without-lacking"}, follow=True)
    assert "1 student will be left out: there is no file for them." in shown(page)
    draft.refresh_from_db()
    sending_form = {"confirmed": "2", "version": draft.version(files=[])}
    assert staff.post(f"{address}/send/", sending_form).status_code == 302
    run_parts()
    assert relay.addresses == [A, C]
    assert set(Recipient.objects.values_list("address", "state")) == {
        (A, "accepted"),
        (B, "lacking"),
        (C, "accepted"),
    }
    job = Job.objects.get()
    assert (job.state, job.units_total, job.units_failed) == (JobState.DONE, 2, 0)
    text = shown(staff.get(f"/jobs/{job.pk}/"))
    assert "<strong>2</strong> of 2 mails done, 1 left out" in text
    assert "3 students are in the list, and 1 of them was left out:" in text
    assert "<li>1: there is no file of their own.</li>" in text
    left_out = shown(staff.get(f"/mailings/{draft.pk}/recipients/", {"state": "suppressed"}))
    assert '<td data-label="State">Left out</td>' in left_out
    assert B in left_out


def test_choice_is_taken_back(address: str, staff: Client, draft: Mailing, author: Person) -> None:
    hand_in(draft, named("00000.pdf"))
    for choice in ("without-lacking", "with-all"):
        staff.post(f"{address}/choose/", {"choice": choice})
    draft.refresh_from_db()
    assert not draft.leaves_lacking_out


def test_nobody_left_is_no_mailing(staff: Client, draft: Mailing, author: Person) -> None:
    hand_in(draft, named("readme.txt"))
    draft.leaves_lacking_out = True
    assert findings(draft)[0].level == Level.BLOCK


def test_file_of_one_who_gets_no_mail_is_told(staff: Client, draft: Mailing, author: Person) -> None:
    draft.search = "ana"
    hand_in(draft, named("00000.pdf", "00001.pdf"))
    [finding] = findings(draft)
    assert (finding.level, finding.named) == (Level.WARN, ("00001.pdf",))
    assert finding.says == "1 file goes to students who get no mail."


def test_files_that_no_mail_can_carry_are_named(
    staff: Client, draft: Mailing, author: Person, settings: Settings
) -> None:
    hand_in(draft, named("00000.pdf", "00001.pdf", "00002.pdf", size=3000))
    settings.SWITCHYARD = {**settings.SWITCHYARD, "files": {"attachment_megabytes": 0.001}}
    [finding] = findings(draft)
    assert finding.level == Level.BLOCK
    assert "the mails of 3 students" in finding.says


def test_weight_and_time_count_them(staff: Client, draft: Mailing, author: Person) -> None:
    learn_mailings()
    hand_in(draft, named("00000.pdf", "00001.pdf", "00002.pdf", size=500_000))
    [finding] = findings(draft, "Size and time")
    assert finding.says.startswith("3 mails, with 1.4 MB of files of their own in all")
    [fine] = findings(draft)
    assert (fine.level, fine.says) == (Level.FINE, "Every recipient gets a file of their own.")


def test_time_is_reckoned_for_the_slow_lane_and_all_bytes(
    staff: Client, draft: Mailing, author: Person
) -> None:
    now = timezone.now()
    WorkerPresence.objects.create(name="slow@here", lane="bulk-slow", slots=1, started_at=now, beat_at=now)
    Cost.objects.create(
        kind="emails.mailing",
        unit_seconds=0.01,
        megabyte_seconds=100,
        known_megabytes=100,
        units=100,
        learned_at=now,
    )
    [usual] = findings(draft, "Size and time")
    assert "no worker is present" in usual.says
    hand_in(draft, named("00000.pdf", "00001.docx", "00002.PDF", size=1 << 20))
    [slow] = findings(draft, "Size and time")
    assert slow.says.startswith("3 mails, with 3.0 MB of files of their own in all, done ")
    assert slow.says.endswith("minutes.")


@pytest.fixture
def record(settings: Settings, tmp_path: Path) -> bytes:
    """What the DNS says of a key that signs all mails."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = tmp_path / "dkim.pem"
    file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    settings.DEFAULT_FROM_EMAIL = "Careers <careers@northfield.example>"
    settings.MAIL = {**settings.MAIL, "dkim": [f"northfield.example:s1:{file}"]}
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    lines = key.public_key().public_bytes(pem, form).decode().splitlines()[1:-1]
    return f"v=DKIM1; p={''.join(lines)}".encode()


@pytest.mark.usefixtures("staff")
def test_signed_mails_with_own_files_can_be_verified(
    draft: Mailing, author: Person, steps: Any, settings: Settings, record: bytes
) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", steps.port
    content = Random(1).randbytes(300_000)
    uploaded = [SimpleUploadedFile(f"0000{number}.pdf", content) for number in range(3)]
    handing_in.keep(mailing=draft, uploaded=uploaded, by=author)
    sending.send(mailing=draft, by=author, confirmed=None)
    run_parts()
    assert len(steps.mails) == 3
    for _, mail in steps.mails:
        assert dkim.verify(mail, dnsfunc=lambda _name, **_: record)


def test_sizes_of_files_are_asked_for_once(draft: Mailing, address: str, author: Person) -> None:
    hand_in(draft, named("00000.pdf", "00001.pdf", "00002.pdf"))
    with CaptureQueriesContext(connection) as asked:
        preflight.preflight_of(draft, now=timezone.now())
    assert sum("emails_ownfile" in each["sql"] and "SUM(" in each["sql"] for each in asked) == 1
    assert sum("emails_ownfile" in each["sql"] for each in asked) == 3
