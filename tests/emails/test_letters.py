"""Single mails of other apps."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from emails import noting, policies
from emails.models import AttachmentWay, RelayOffer
from jobs import files
from jobs.letters import Letter, carrier
from jobs.models import School, StoredFile
from jobs.testing import make_person, make_school

pytestmark = pytest.mark.django_db
WEIGHT = 30_000


@pytest.fixture
def school(db: None, settings: Any, tmp_path: Any) -> School:
    """A school whose files are kept for the test."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return make_school()


@pytest.fixture
def file(school: School) -> StoredFile:
    """A file of the school."""
    content = ContentFile(b"x" * WEIGHT)
    return files.store(school=school, name="Packet.pdf", media_type="application/pdf", content=content)


def letter(file: StoredFile | None = None) -> Letter:
    return Letter(
        name="Harbor Health",
        address="jobs@harbor.example",
        sender_name="Northfield",
        subject="A packet",
        text="Here it is: {{ no field }}.",
        message_id="<one@northfield.example>",
        reply_to="dana@northfield.example",
        file=file,
    )


def test_a_letter_reaches_the_relay_with_its_file(relay: Any, file: StoredFile) -> None:
    carrier().send(letter(file))
    [(_, mail)] = relay.caught
    assert mail["To"] == "Harbor Health <jobs@harbor.example>"
    assert mail["Reply-To"] == "dana@northfield.example"
    text, attached = mail.iter_parts()
    assert text.get_content().strip() == "Here it is: {{ no field }}."
    assert (attached.get_filename(), attached.get_content()) == ("Packet.pdf", b"x" * WEIGHT)


def test_a_file_is_attached_unless_the_school_sends_such_as_links(school: School, file: StoredFile) -> None:
    assert carrier().objection(file, school=school) == ""
    by, now = make_person(school=school), datetime(2026, 11, 2, tzinfo=UTC)
    policies.choose(school=school, by=by, way=AttachmentWay.LINK, link_above_megabytes=0.01, now=now)
    assert "your school sends files above 0.01 MB as links" in carrier().objection(file, school=school)


def test_a_file_beyond_what_the_relay_takes_is_not_attached(
    school: School, file: StoredFile, settings: Any
) -> None:
    place = {"host": settings.EMAIL_HOST, "port": settings.EMAIL_PORT}
    offer = RelayOffer.objects.create(
        **place, most_bytes=40_000, starttls=False, chunking=False, utf8=True, told_at=timezone.now()
    )
    assert noting.offer_of_relay(now=timezone.now()) == offer
    assert "takes" in carrier().objection(file, school=school)
    RelayOffer.objects.update(most_bytes=100_000)
    assert carrier().objection(file, school=school) == ""


@pytest.mark.parametrize(("address", "is_one"), [("jobs@harbor.example", True), ("nobody", False)])
def test_an_address_is_told_from_none(*, address: str, is_one: bool) -> None:
    assert carrier().is_address(address) is is_one
