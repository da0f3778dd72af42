"""Who may not send asks colleagues to do it, who send the draft or give it back."""

from unittest import mock

import pytest
from django.test import Client
from django.utils import timezone

from emails import approving, sending
from emails.models import Mailing
from jobs import letters, notifying
from jobs.models import MailChoice, Notification, Person, Role, School
from jobs.testing import make_person, make_school

pytestmark = pytest.mark.usefixtures("staff")

ASK = "/mailings/{}/ask/"
GIVE_BACK = "/mailings/{}/give-back/"


def signed_in(school: School, role: Role, *, name: str = "Test Person") -> tuple[Client, Person]:
    person = make_person(school=school, role=role)
    Person.objects.filter(pk=person.pk).update(name=name)
    person.refresh_from_db()
    client = Client()
    client.force_login(person)
    return client, person


def told() -> list[str]:
    return [f"{each.person.role}: {each.says}" for each in Notification.objects.order_by("pk")]


def test_approvers_are_told_once_and_find_it_at_home(draft: Mailing, school: School) -> None:
    asker, _ = signed_in(school, Role.SENDER, name="Sam Sender")
    approver, _ = signed_in(school, Role.APPROVER)
    for _ in range(2):
        asker.post(ASK.format(draft.pk))
    assert told() == [f"approver: Sam Sender asks you to look at the mailing “{draft}” and to send it."]
    assert "Sam Sender asks you to look at it and send it." in approver.get("/home/now/").content.decode()
    assert "It waits for somebody who may send it." in asker.get("/home/now/").content.decode()
    assert "Sam Sender asks you to send it" in approver.get(f"/mailings/{draft.pk}/check/").content.decode()
    assert "To be sent" in approver.get("/mailings/").content.decode()


def test_page_that_checks_offers_to_ask_until_it_was_asked(draft: Mailing, school: School) -> None:
    asker, _ = signed_in(school, Role.SENDER)
    signed_in(school, Role.APPROVER, name="Ada Approver")
    assert "such as Ada Approver," in asker.get(f"/mailings/{draft.pk}/check/").content.decode()
    assert "Ask for it to be sent" in asker.get(f"/mailings/{draft.pk}/check/").content.decode()
    asker.post(ASK.format(draft.pk))
    page = asker.get(f"/mailings/{draft.pk}/check/").content.decode()
    assert "You asked for it on" in page
    assert "Give it back" not in page


def test_without_approvers_whoever_may_send_is_asked(draft: Mailing, school: School) -> None:
    Person.objects.update(is_active=False)
    asker, sender = signed_in(school, Role.SENDER)
    _, staff = signed_in(school, Role.STAFF, name="Stan Staff")
    signed_in(make_school(), Role.APPROVER)
    assert "such as Stan Staff," in asker.get(f"/mailings/{draft.pk}/check/").content.decode()
    approving.ask(draft, by=sender, now=timezone.now())
    assert [each.person for each in Notification.objects.all()] == [staff]


def test_who_asked_is_told_that_it_was_given_back(draft: Mailing, school: School) -> None:
    asker, sender = signed_in(school, Role.SENDER)
    approver, _ = signed_in(school, Role.APPROVER, name="Ada Approver")
    asker.post(ASK.format(draft.pk))
    approver.post(GIVE_BACK.format(draft.pk), {"why": "The date is wrong."})
    told_last = Notification.objects.latest("pk")
    assert (told_last.person, told_last.says) == (sender, "Ada Approver gave it back: The date is wrong.")
    assert told_last.address == f"/mailings/{draft.pk}/"
    assert "asks you" not in approver.get("/home/now/").content.decode()
    assert "waits for somebody" not in asker.get("/home/now/").content.decode()
    approver.post(GIVE_BACK.format(draft.pk))
    assert Notification.objects.count() == 2


def test_draft_that_was_sent_meanwhile_waits_for_nobody(draft: Mailing, school: School) -> None:
    asker, sender = signed_in(school, Role.SENDER)
    approver, person = signed_in(school, Role.APPROVER)
    asker.post(ASK.format(draft.pk))
    sending.send(mailing=draft, by=person, require=mock.Mock(), confirmed=3, version=draft.version(files=[]))
    assert (told()[-1], Notification.objects.latest("pk").person) == (
        "sender: Test Person sent the mailing that you asked for.",
        sender,
    )
    with pytest.raises(sending.AlreadySent):
        approving.ask(draft, by=sender, now=timezone.now())
    assert "asks you" not in approver.get("/home/now/").content.decode()


@pytest.mark.parametrize("address", [ASK, GIVE_BACK])
def test_draft_of_another_school_is_not_found(draft: Mailing, address: str) -> None:
    other, _ = signed_in(make_school(), Role.STAFF)
    assert other.post(address.format(draft.pk)).status_code == 404
    assert not Notification.objects.exists()


def test_who_may_not_send_gives_nothing_back(draft: Mailing, school: School) -> None:
    asker, _ = signed_in(school, Role.SENDER)
    assert asker.post(GIVE_BACK.format(draft.pk)).status_code == 403


@pytest.mark.parametrize(("choice", "mails"), [(MailChoice.LONG, 1), (MailChoice.NEVER, 0)])
def test_who_is_asked_is_mailed_unless_they_want_none(
    draft: Mailing, school: School, choice: MailChoice, mails: int
) -> None:
    asker, _ = signed_in(school, Role.SENDER)
    signed_in(school, Role.APPROVER)
    Person.objects.update(mails=choice)
    asker.post(ASK.format(draft.pk))
    with mock.patch.object(letters, "_offered", [mock.Mock(new_message_id=lambda: "<one@a.example>")]):
        notifying.hand_out(now=timezone.now())
    assert Notification.objects.exclude(mail_job=None).count() == mails
