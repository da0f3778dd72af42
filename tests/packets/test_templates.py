"""Packet templates: their pages, what a packet takes from them, and whose they are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from jobs.models import Person, Role, School, StoredFile
from jobs.testing import make_person, make_school
from packets.keeping import NameTaken
from packets.layout import Layout
from packets.logos import drawn, keep_logo
from packets.models import PacketTemplate
from tests.packets.filling import LAYOUT, NEW, file, filled_in, packet_of, picture

pytestmark = pytest.mark.django_db

LIST, MAKE = "/packets/templates/", "/packets/templates/new/"


@pytest.fixture
def stranger(db: None) -> Client:
    """A browser in which someone of another school is signed in."""
    browser = Client()
    browser.force_login(make_person(school=make_school()))
    return browser


def test_template_is_made_with_all_its_choices(client: Client, school: School, person: Person) -> None:
    assert "Make the first template" in client.get(LIST).content.decode()
    answer = client.post(MAKE, {**filled_in(), "new_logo": file()}, follow=True)
    page = answer.content.decode()
    template = PacketTemplate.objects.get()
    assert "The template “Career fairs” was saved." in page
    assert "Transcript and résumé" in page
    assert "Logo, cover, notice, contents, page numbers · by major, then by name" in page
    assert (template.school, template.name, template.changed_by) == (school, "Career fairs", person)
    assert template.title == "Fair of {month}, {school}"
    assert template.document_types == ["transcript", "resume"]
    assert template.layout == LAYOUT
    assert template.logo is not None
    assert template.logo.media_type == "image/png"


def test_form_of_a_template_shows_its_choices_and_keeps_what_is_not_changed(
    client: Client, make_template: Callable[..., PacketTemplate]
) -> None:
    client.post(MAKE, {**filled_in(has_own_files="on", is_linearised="on"), "new_logo": file()})
    template = PacketTemplate.objects.get()
    address = f"{LIST}{template.pk}/"
    page = client.get(address).content.decode()
    form_fields = [
        'value="Fair of {month}, {school}"',
        '<option value="transcript,resume" selected>',
        '<option value="bottom-right" selected>',
        'value="Page {page} of {pages}"',
        "Any time.</textarea>",
        f'src="/files/{template.logo_id}/"',
    ]
    assert [each for each in form_fields if each not in page] == []
    assert 'name="has_dividers" aria' not in page
    client.post(address, filled_in(name="Career FAIRS", has_own_files="on", is_linearised="on"))
    after = PacketTemplate.objects.get()
    assert (after.name, after.layout, after.logo_id) == ("Career FAIRS", template.layout, template.logo_id)
    client.post(address, filled_in(drops_logo="on", number_place="none", number_format=""))
    after.refresh_from_db()
    assert after.logo is None
    assert after.layout["has_numbers"] is False
    assert not StoredFile.objects.filter(pk=template.logo_id).exists()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": " "}, "Give the template a name."),
        ({"name": "fairs"}, "Your school has another template of this name"),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"title": "Fair {yaer}"}, "“{yaer}” means nothing here"),
        ({"title": "Fair }"}, "“}” means nothing here"),
        ({"document_types": []}, "Tick at least one type of document."),
        ({"document_types": ["passport"]}, "passport"),
        ({"types_order": "resume"}, "not one of the available choices"),
        ({"number_format": "Page"}, "Write {page} where the number is to stand"),
        ({"number_format": "{page} {total}"}, "“{total}” means nothing here"),
        ({"number_place": "moon"}, "not one of the available choices"),
        ({"output": "paper"}, "not one of the available choices"),
        ({"cover_text": "x" * 2001}, "at most 2000 characters"),
        ({"new_logo": b"no picture"}, "This is no picture that can be read."),
        ({"new_logo": b""}, "The submitted file is empty."),
        ({"new_logo": b"x" * (5 * 1024 * 1024 + 1)}, "A logo may have 5 MB."),
    ],
)
def test_wrong_template_is_refused_with_a_sentence_and_keeps_what_was_typed(
    client: Client, make_template: Callable[..., PacketTemplate], changed: dict[str, Any], sentence: str
) -> None:
    make_template("Fairs")
    sent = filled_in(**changed)
    if "new_logo" in sent:
        sent["new_logo"] = file(sent["new_logo"])
    answer = client.post(MAKE, sent)
    page = answer.content.decode().replace("&#x27;", "'")
    assert answer.status_code == 422
    assert sentence in page
    assert "Do not pass on." in page
    assert f'value="{sent["title"]}"' in page
    assert '<option value="major" selected>' in page
    assert PacketTemplate.objects.count() == 1


def test_two_of_one_name_at_the_same_moment_are_one(make_template: Callable[..., PacketTemplate]) -> None:
    make_template("Fairs")
    with pytest.raises(NameTaken):
        make_template("FAIRS", picture=picture())
    assert PacketTemplate.objects.count() == 1
    assert not StoredFile.objects.exists()
    make_template("Fairs", school=make_school())


def test_copy_has_a_name_of_its_own_and_shares_the_logo(
    client: Client, make_template: Callable[..., PacketTemplate]
) -> None:
    template = make_template("Fairs", picture=picture(), layout=Layout(order="year"))
    for name in ("Copy of Fairs", "Copy of Fairs 2"):
        page = client.post(f"{LIST}{template.pk}/copy/", follow=True).content.decode()
        assert f"This is a copy, called “{name}”" in page
    copied = PacketTemplate.objects.get(name="Copy of Fairs")
    assert (copied.layout, copied.logo_id) == (template.layout, template.logo_id)
    client.post(f"{LIST}{template.pk}/delete/")
    assert StoredFile.objects.filter(pk=copied.logo_id).exists()
    client.post(f"{LIST}{copied.pk}/", {**filled_in(), "new_logo": file(picture("blue"))})
    client.post(f"{LIST}{PacketTemplate.objects.get(name='Copy of Fairs 2').pk}/delete/")
    assert not StoredFile.objects.filter(pk=template.logo_id).exists()


def test_deleting_asks_first(client: Client, make_template: Callable[..., PacketTemplate]) -> None:
    template = make_template("Fairs")
    assert "Delete the template “Fairs”?" in client.get(f"{LIST}{template.pk}/delete/").content.decode()
    assert PacketTemplate.objects.exists()
    assert "was deleted" in client.post(f"{LIST}{template.pk}/delete/", follow=True).content.decode()
    assert not PacketTemplate.objects.exists()


def test_another_schools_template_is_not_found(
    stranger: Client, students: Any, make_template: Callable[..., PacketTemplate]
) -> None:
    template = make_template("Fairs", picture=picture())
    assert "Fairs" not in stranger.get(LIST).content.decode()
    for address in (f"{LIST}{template.pk}/", f"{LIST}{template.pk}/delete/", f"{NEW}?template={template.pk}"):
        assert stranger.get(address).status_code == 404
    for address in (f"{LIST}{template.pk}/", f"{LIST}{template.pk}/copy/", f"{LIST}{template.pk}/delete/"):
        assert stranger.post(address, filled_in()).status_code == 404
    assert stranger.post(NEW, {"use": "1", "template": template.pk}).status_code == 404
    assert stranger.get(f"/files/{template.logo_id}/").status_code == 404
    typed = {**packet_of(), "logo": template.logo_id}
    assert "The logo was taken away meanwhile" in stranger.post(NEW, typed).content.decode()
    assert PacketTemplate.objects.get().name == "Fairs"


@pytest.mark.parametrize(("role", "status"), [(Role.SENDER, 200), (Role.AUDITOR, 403)])
def test_who_may_start_packets_may_keep_templates(
    school: School, make_template: Callable[..., PacketTemplate], role: str, status: int
) -> None:
    template, browser = make_template("Fairs"), Client()
    browser.force_login(make_person(school=school, role=role))
    assert browser.get(LIST).status_code == 200
    assert browser.get(MAKE).status_code == status
    assert browser.post(f"{LIST}{template.pk}/copy/").status_code in {status, status + 102}


def test_person_of_no_school_has_no_templates(db: None) -> None:
    browser = Client()
    browser.force_login(make_person(role=Role.OPS))
    assert browser.get(LIST).status_code == 403


def test_list_of_templates_asks_few_questions_however_many_there_are(
    client: Client,
    make_template: Callable[..., PacketTemplate],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(12):
        make_template(f"Fairs {number}", picture=picture())
    with django_assert_max_num_queries(3):
        assert client.get(LIST).content.decode().count('data-label="Changed"') == 12


def test_logo_that_is_used_twice_is_stored_once(school: School, storage: Path) -> None:
    first, second = (keep_logo(drawn(file()), school=school, by=None) for _ in range(2))
    assert first.content.name == second.content.name
