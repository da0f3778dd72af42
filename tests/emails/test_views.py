"""The mailings pages: seen by one school only, and cheap to read."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from emails import sending
from emails.models import Mailing, Recipient
from jobs import lifecycle, returning
from jobs.claiming import claim
from jobs.models import Job, Person, Role, School
from jobs.settings import switchyard
from jobs.testing import let_time_come, make_person, make_school, run_parts

TEXT = {"subject": "Fair", "body": "Hi {{ first_name }}", "major": "", "graduation_year": "", "search": ""}


def pdf(name: str = "map.pdf", content: bytes = b"%PDF-1.7") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def page(client: Client, address: str, **given: Any) -> str:
    return client.get(address, given).content.decode()


@pytest.mark.parametrize("address", ["", "change/"])
def test_mailing_of_another_school_is_not_found(client: Client, draft: Mailing, address: str) -> None:
    client.force_login(make_person(school=make_school()))
    assert client.get(f"/mailings/{draft.pk}/{address}").status_code == 404


@pytest.mark.parametrize("address", ["send/", "test/", "discard/", "change/"])
def test_mailing_of_another_school_cannot_be_touched(client: Client, draft: Mailing, address: str) -> None:
    client.force_login(make_person(school=make_school()))
    assert (
        client.post(f"/mailings/{draft.pk}/{address}", {"confirmed": 3, "key": "a" * 32}).status_code == 404
    )
    assert Mailing.objects.get().is_draft


def test_list_shows_the_own_schools_mailings(staff: Client, draft: Mailing) -> None:
    Mailing.objects.create(school=make_school(), subject="Of another school", body="x")
    text = page(staff, "/mailings/")
    assert "Fair" in text
    assert "Draft" in text
    assert "Of another school" not in text


def test_empty_list_offers_the_first_mailing(staff: Client) -> None:
    assert "Write the first mailing" in page(staff, "/mailings/")


def test_ops_see_the_list_and_write_nothing(client: Client, draft: Mailing) -> None:
    client.force_login(make_person(role=Role.OPS))
    assert "Fair" in page(client, "/mailings/")
    assert client.get("/mailings/new/").status_code == 403
    assert client.post(f"/mailings/{draft.pk}/send/", {"confirmed": 3}).status_code == 403


def test_job_page_shows_what_became_of_the_mails(
    staff: Client, draft: Mailing, author: Person, relay: Any
) -> None:
    relay.refused["bea@x.example"] = "550 no such user"
    relay.drops_after_dot.add("cem@x.example")
    job = sending.send(mailing=draft, by=author, confirmed=3)
    run_parts(lane="bulk")
    text = page(staff, f"/jobs/{job.pk}/")
    assert "550 no such user" in text
    assert "bea@x.example" in text
    assert "Uncertain" in text
    assert "ana@x.example" not in text


def figures(text: str) -> dict[str, str]:
    """Return the figures of a mailing's page by their words."""
    return dict(re.findall(r"<li><span>([^<]+)</span><strong[^>]*>([^<]+)</strong></li>", text))


def test_mailing_stopped_before_its_plan_tells_that_nobody_got_it(
    staff: Client, draft: Mailing, author: Person
) -> None:
    job = sending.send(mailing=draft, by=author, confirmed=3)
    assert figures(page(staff, f"/jobs/{job.pk}/"))["waiting"] == "3"
    lifecycle.stop(job, by=author)
    text = page(staff, f"/jobs/{job.pk}/")
    assert figures(text) == {
        "done: accepted": "0",
        "not sent": "3",
        "failed: refused": "0",
        "uncertain": "0",
    }
    assert "3 of 3 mails were not sent." in text


def test_mail_whose_sending_broke_off_with_a_stop_is_uncertain(
    staff: Client, draft: Mailing, author: Person, relay: Any
) -> None:
    job = sending.send(mailing=draft, by=author, confirmed=3)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="bulk", limit=0)
    held = claim(lane=switchyard().lanes["bulk"], worker="test", now=timezone.now())
    assert held is not None
    assert draft.recipients.order_by("pk")[0].take()
    lifecycle.stop(job, by=author)
    text = page(staff, f"/jobs/{job.pk}/")
    assert "Being sent" in text
    assert figures(text)["uncertain"] == "0"
    returning.leave(held, seconds=1)
    text = page(staff, f"/jobs/{job.pk}/")
    assert figures(text) == {
        "done: accepted": "0",
        "not sent": "2",
        "failed: refused": "0",
        "uncertain": "1",
    }
    assert '<span class="uncertain">1 uncertain</span>' in text
    assert "1 uncertain" in page(staff, "/mailings/")
    assert "1 uncertain" in page(staff, "/jobs/")
    staff.post(f"/mailings/{draft.pk}/uncertain/", {"resend_uncertain": "on"})
    lifecycle.retry(job, by=author)
    run_parts(lane="bulk")
    assert len(relay.caught) == 3


def test_mail_that_the_relay_took_after_the_end_is_counted_as_done(
    staff: Client, draft: Mailing, author: Person
) -> None:
    job = sending.send(mailing=draft, by=author, confirmed=3)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="bulk", limit=0)
    held = claim(lane=switchyard().lanes["bulk"], worker="test", now=timezone.now())
    assert held is not None
    late = draft.recipients.order_by("pk")[0]
    late.take()
    lifecycle.stop(job, by=author)
    returning.leave(held, seconds=1)
    late.accept(now=timezone.now(), words="250 OK")
    told = figures(page(staff, f"/jobs/{job.pk}/"))
    assert list(told.values()) == ["1", "2", "0", "0"]
    assert "1 of 3" in page(staff, "/mailings/")


def test_figures_and_standing_come_from_one_refresh(
    staff: Client, draft: Mailing, author: Person, relay: Any
) -> None:
    relay.refused["bea@x.example"] = "550 no such user"
    job = sending.send(mailing=draft, by=author, confirmed=3)
    run_parts(lane="bulk")
    text = page(staff, f"/jobs/{job.pk}/standing/", state="working", troubles="0")
    assert figures(text) == {
        "done: accepted": "2",
        "not sent": "0",
        "failed: refused": "1",
        "uncertain": "0",
    }
    assert 'id="figures" hx-swap-oob="true"' in text
    assert '<span class="late">1 failed</span>' in text


def test_mailing_with_nothing_but_uncertain_mails_is_done_with_problems(
    staff: Client, draft: Mailing, author: Person, relay: Any
) -> None:
    relay.drops_after_dot |= {"ana@x.example", "bea@x.example", "cem@x.example"}
    job = sending.send(mailing=draft, by=author, confirmed=3)
    while run_parts(lane="bulk") or let_time_come():
        pass
    text = page(staff, f"/jobs/{job.pk}/")
    assert "Done with problems" in text
    assert "3 uncertain" in text
    assert "failed</span>" not in text


def test_operations_page_tells_the_relays_first_words_without_the_address(
    staff: Client, draft: Mailing, author: Person, relay: Any
) -> None:
    relay.refused["bea@x.example"] = "550 <bea@x.example> no such user"
    sending.send(mailing=draft, by=author, confirmed=3)
    run_parts(lane="bulk")
    staff.force_login(make_person(role=Role.OPS))
    text = page(staff, "/ops/")
    assert "Done with problems" in text
    assert "Refused: 550 &lt;…&gt; no such user" in text
    assert "bea@x.example" not in text


def test_ops_see_the_names_of_attachments_and_cannot_open_them(
    staff: Client, client: Client, author: Person
) -> None:
    staff.post("/mailings/new/", {**TEXT, "attachments": [pdf("map.pdf")]})
    job = sending.send(mailing=Mailing.objects.get(), by=author, confirmed=3)
    assert "/files/" in page(staff, f"/jobs/{job.pk}/")
    client.force_login(make_person(role=Role.OPS))
    text = page(client, f"/jobs/{job.pk}/")
    assert "map.pdf" in text
    assert "/files/" not in text


def test_job_page_shows_the_first_problems(staff: Client, draft: Mailing, author: Person, relay: Any) -> None:
    job = sending.send(mailing=draft, by=author, confirmed=3)
    Recipient.objects.bulk_create(
        Recipient(
            mailing=draft,
            school=draft.school,
            student_id=number,
            address=f"{number}@x.example",
            message_id="<1@x.example>",
            state="refused",
            relay_words="550 no such user",
        )
        for number in range(60)
    )
    assert "first 25 of 60" in page(staff, f"/jobs/{job.pk}/")


def test_pages_ask_the_database_a_fixed_number_of_times(
    staff: Client, author: Person, school: School, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        staff.post("/mailings/new/", {**TEXT, "attachments": [pdf(f"{number}.pdf"), pdf(f"{number}b.pdf")]})
    for mailing in Mailing.objects.all()[:6]:
        sending.send(mailing=mailing, by=author, confirmed=3)
    draft = Mailing.objects.filter(job=None)[0]
    job = Job.objects.filter(kind="emails.mailing")[0]
    for address, queries in {
        "/mailings/": 6,
        "/mailings/new/": 3,
        f"/mailings/{draft.pk}/": 7,  # one of them for what the relay takes
        f"/mailings/{draft.pk}/change/": 5,
        f"/jobs/{job.pk}/results/": 13,
        f"/jobs/{job.pk}/standing/": 10,  # one of them whether anything changed at all
    }.items():
        with django_assert_max_num_queries(queries):
            assert staff.get(address).status_code == 200
    with django_assert_max_num_queries(4):
        staff.post("/mailings/count/", TEXT)


def test_no_page_or_title_shows_a_subjects_merge_fields(
    staff: Client, draft: Mailing, author: Person, relay: Any
) -> None:
    Mailing.objects.update(subject="{{ first_name | upcase }}, the fair of {{ school }}")
    draft.refresh_from_db()
    sending.send_test(mailing=draft, by=author, key="a" * 32)
    before = ["/mailings/", f"/mailings/{draft.pk}/", f"/mailings/{draft.pk}/check/"]
    texts = [page(staff, address) for address in before]
    job = sending.send(mailing=draft, by=author, confirmed=3)
    test = Job.objects.get(kind="emails.test")
    after = ["/", "/jobs/", "/mailings/", f"/jobs/{job.pk}/", f"/jobs/{test.pk}/"]
    texts += [page(staff, address) for address in after]
    for text in texts:
        assert "[FIRST NAME], the fair of Northfield University" in text
        assert "{{" not in text.partition("<pre")[0]
    run_parts(lane="bulk")
    assert relay.caught[0][1]["Subject"] == "ANA, the fair of Northfield University"
