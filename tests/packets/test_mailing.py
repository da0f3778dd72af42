"""Mailing a packet: what the relay gets, and that nothing is ever mailed twice."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs import letters, lifecycle
from jobs.execution import answer
from jobs.letters import Letter
from jobs.models import Job, JobState, Person, School, StoredFile
from jobs.registry import kind_named
from jobs.retries import MayBeDone, PermanentFailure, TemporaryFailure
from jobs.testing import let_time_come, run_parts
from packets import expiring, mailing
from packets.models import Delivery, DeliveryState, Disclosure, Packet, Share

pytestmark = pytest.mark.django_db
FORM_KEY = "6f1e5f1c-0a0f-4a7e-9a52-2f9b1f4f6a11"


class PostOffice:
    """A carrier that keeps what it was given, or fails as it is told."""

    def __init__(self) -> None:
        """Work."""
        self.letters: list[Letter] = []
        self.fails: Exception | None = None
        self.objects = ""

    def objection(self, file: StoredFile, *, school: School) -> str:  # noqa: ARG002 - as the protocol
        return self.objects

    def is_address(self, address: str) -> bool:
        return "@" in address

    def new_message_id(self) -> str:
        return f"<{Delivery.objects.count()}@test>"

    def send(self, letter: Letter) -> None:
        if self.fails:
            raise self.fails
        self.letters.append(letter)


@pytest.fixture(autouse=True)
def post(settings: Any) -> Iterator[PostOffice]:
    """The post office of the test."""
    settings.SITE_URL = "https://careers.example"
    before = list(letters._offered)
    office = PostOffice()
    letters.offer(office)
    yield office
    letters._offered[:] = before


@pytest.fixture
def packet(students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]) -> Packet:
    """A packet that was built."""
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    return build(amy)


@pytest.fixture
def mail(client: Client, packet: Packet) -> Callable[..., Job]:
    """Asks on the page for mails to two employers, and returns their job."""

    def asked(way: str, **chosen: str) -> Job:
        to = "Harbor Health <jobs@harbor.example>\nriver@river.example"
        sent = {"recipients": to, "way": way, "days": "7", "form_key": FORM_KEY, **chosen}
        answer = client.post(f"/packets/{packet.pk}/share/", sent)
        assert answer.status_code == 302
        return Job.objects.get(kind="packets.mail")

    return asked


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_each_recipient_is_mailed_a_link_of_their_own(
    mail: Callable[..., Job], post: PostOffice, packet: Packet, person: Person, client: Client
) -> None:
    job = mail("mail-link", message="See you at the fair.", password="harbor lights")
    assert job.lane == "mail"
    run_parts(lane="mail")
    job.refresh_from_db()
    assert (job.state, job.units_done, states()) == (JobState.DONE, 2, ["accepted", "accepted"])
    first, second = post.letters
    assert (first.name, first.address, second.name) == (
        "Harbor Health",
        "jobs@harbor.example",
        "river@river.example",
    )
    assert first.reply_to == person.email
    assert first.file is None
    shares = Share.objects.order_by("pk")
    for letter, share in zip(post.letters, shares, strict=True):
        address = next(word for word in letter.text.split() if word.startswith("https:"))
        assert f"/{share.pk}." in address
        assert "Do not pass them on" in letter.text
        assert "See you at the fair." in letter.text
        assert "harbor lights" not in letter.text
        page = Client().get(address.removeprefix("https://careers.example"))
        assert "A password, please" in page.content.decode()
    ways = Disclosure.objects.order_by("pk").values_list("way", "email")
    assert list(ways) == [("mailed-link", "jobs@harbor.example"), ("mailed-link", "river@river.example")]
    assert "Harbor Health" in client.get(f"/jobs/{job.pk}/").content.decode()


def test_the_file_itself_is_attached_where_that_is_wanted(
    mail: Callable[..., Job], post: PostOffice, packet: Packet
) -> None:
    mail("mail-file")
    run_parts(lane="mail")
    assert [letter.file for letter in post.letters] == [packet.result, packet.result]
    assert not Share.objects.exists()
    assert set(Disclosure.objects.values_list("way", flat=True)) == {"mailed-file"}


def test_a_file_that_is_too_large_for_a_mail_is_refused_with_the_reason(
    client: Client, packet: Packet, post: PostOffice
) -> None:
    post.objects = "The file has 14 MB, and a mail may have 10 MB of files."
    sent = {"recipients": "a@b.example", "way": "mail-file", "days": "7", "form_key": FORM_KEY}
    answer = client.post(f"/packets/{packet.pk}/share/", sent)
    assert answer.status_code == 422
    assert "a mail may have 10 MB of files. Mail a link." in answer.content.decode()
    assert not Delivery.objects.exists()


def test_the_same_form_twice_mails_once(mail: Callable[..., Job], post: PostOffice) -> None:
    assert mail("mail-link") == mail("mail-link")
    run_parts(lane="mail")
    assert (len(post.letters), Share.objects.count()) == (2, 2)


def test_a_form_that_made_links_before_mails_each_recipient_their_own(
    mail: Callable[..., Job], post: PostOffice, client: Client, packet: Packet
) -> None:
    links = {"recipients": "Lake Inc\nSea Inc", "way": "link", "days": "7", "form_key": FORM_KEY}
    assert client.post(f"/packets/{packet.pk}/share/", links).status_code == 302
    mail("mail-link")
    run_parts(lane="mail")
    assert len(post.letters) == 2
    assert all(each.share is not None and each.share.name == each.name for each in Delivery.objects.all())


def test_a_mail_that_a_dead_worker_had_begun_is_never_sent_again(
    mail: Callable[..., Job], post: PostOffice, person: Person
) -> None:
    job = mail("mail-link")
    assert answer(lane="mail", worker="test")  # the plan
    Delivery.objects.filter(email="jobs@harbor.example").update(state=DeliveryState.SENDING)
    run_parts(lane="mail")
    job.refresh_from_db()
    assert states() == ["uncertain", "accepted"]
    assert [letter.address for letter in post.letters] == ["river@river.example"]
    assert (job.state, job.units_failed) == (JobState.PROBLEMS, 1)
    assert Disclosure.objects.filter(way="uncertain-link", email="jobs@harbor.example").count() == 1
    lifecycle.retry(job, by=person, why="")
    run_parts(lane="mail")
    assert len(post.letters) == 1
    assert Disclosure.objects.count() == 2


def test_a_relay_that_is_away_gets_the_mail_later_and_once(
    mail: Callable[..., Job], post: PostOffice
) -> None:
    job = mail("mail-link")
    post.fails = TemporaryFailure("The mail relay did not take the mail.")
    run_parts(lane="mail")
    assert states() == ["waiting", "waiting"]
    post.fails = None
    let_time_come()
    run_parts(lane="mail")
    job.refresh_from_db()
    assert (job.state, len(post.letters), states()) == (JobState.DONE, 2, ["accepted", "accepted"])


def test_a_refused_mail_says_why_and_may_be_tried_again(
    mail: Callable[..., Job], post: PostOffice, person: Person
) -> None:
    job = mail("mail-link")
    post.fails = PermanentFailure("The mail relay refused the mail: no such user.")
    run_parts(lane="mail")
    assert states() == ["refused", "refused"]
    assert not Disclosure.objects.exists()
    assert "no such user" in Delivery.objects.first().said  # type: ignore[union-attr]
    post.fails = None
    job.refresh_from_db()
    lifecycle.retry(job, by=person, why="")
    run_parts(lane="mail")
    assert states() == ["accepted", "accepted"]


def test_a_mail_of_which_nobody_knows_is_uncertain(mail: Callable[..., Job], post: PostOffice) -> None:
    mail("mail-file")
    post.fails = MayBeDone("The mail relay did not say whether it took the mail.")
    run_parts(lane="mail")
    assert states() == ["uncertain", "uncertain"]
    assert set(Disclosure.objects.values_list("way", flat=True)) == {"uncertain-file"}


def test_what_was_deleted_or_revoked_before_is_not_mailed(
    mail: Callable[..., Job], post: PostOffice, packet: Packet, person: Person
) -> None:
    mail("mail-link")
    Share.objects.order_by("pk")[0].revoke(by=person, now=timezone.now())
    assert answer(lane="mail", worker="test")
    assert answer(lane="mail", worker="test")
    expiring.purge(packet, now=timezone.now())
    run_parts(lane="mail")
    assert post.letters == []
    errors = set(Job.objects.get(kind="packets.mail").parts.exclude(error="").values_list("error", flat=True))
    assert errors == {mailing.REVOKED, mailing.GONE}
    assert states() == ["refused", "refused"]


def test_a_begun_mail_whose_file_is_deleted_is_uncertain_all_the_same(
    mail: Callable[..., Job], post: PostOffice, packet: Packet
) -> None:
    mail("mail-file")
    assert answer(lane="mail", worker="test")  # the plan
    Delivery.objects.update(state=DeliveryState.SENDING)
    expiring.purge(packet, now=timezone.now())
    run_parts(lane="mail")
    assert (states(), post.letters) == (["uncertain", "uncertain"], [])
    assert list(Disclosure.objects.values_list("way", "file_name")) == [("uncertain-file", "")] * 2


def test_a_stopped_job_says_which_mails_were_not_sent(
    mail: Callable[..., Job], post: PostOffice, person: Person
) -> None:
    job = mail("mail-link")
    assert answer(lane="mail", worker="test")  # the plan
    Delivery.objects.filter(email="jobs@harbor.example").update(state=DeliveryState.SENDING)
    lifecycle.stop(job, by=person, why="")
    kind_named("packets.mail").discard(job)
    assert states() == ["uncertain", "refused"]
    lifecycle.retry(job, by=person, why="")
    run_parts(lane="mail")
    assert states() == ["uncertain", "accepted"]
    assert [letter.address for letter in post.letters] == ["river@river.example"]
