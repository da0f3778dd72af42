"""Packets from templates, and templates from packets' forms."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from jobs import lifecycle
from jobs.models import School, StoredFile
from jobs.testing import run_parts
from packets import keeping, rebuilding
from packets.layout import Layout
from packets.models import Packet, PacketTemplate
from packets.title_patterns import filled
from tests.packets.filling import LAYOUT, NEW, packet_of, picture

pytestmark = pytest.mark.django_db


def test_form_of_a_packet_is_filled_in_from_a_template(
    client: Client, school: School, students: Any, make_template: Callable[..., PacketTemplate]
) -> None:
    students.add(school, "Amy Adams")
    template = make_template(
        "Fairs",
        title="Fair of {school}",
        document_types=["transcript"],
        layout=Layout(order="year", has_contents=False, notice="Do not pass on."),
        picture=picture(),
    )
    page = client.get(f"{NEW}?template={template.pk}").content.decode()
    assert f'value="Fair of {school.name}"' in page
    assert '<option value="year" selected>' in page
    assert '<option value="transcript,resume" selected>' in page
    assert f'<option value="{template.logo_id}" selected>That of “Fairs”</option>' in page
    assert "Do not pass on.</textarea>" in page
    assert 'name="has_contents" id="id_has_contents">' in page
    assert client.get(f"{NEW}?template=x").status_code == 404


def test_words_in_a_title_become_those_of_the_packet() -> None:
    pattern = "{date} {month} {year} {school} {other}"
    title = filled(pattern, school="Lakeside", today=date(2027, 3, 5), longest=150)
    assert title == "5 March 2027 March 2027 2027 Lakeside {other}"
    assert filled("{school} {school}", school="Lakeside", today=date(2027, 3, 5), longest=9) == "Lakeside"


def test_template_is_used_without_losing_the_students(
    client: Client, school: School, students: Any, make_template: Callable[..., PacketTemplate]
) -> None:
    amy = students.add(school, "Amy Adams", major="Physics")
    students.add(school, "Ben Brown", major="Physics")
    students.add(school, "Cem Celik")
    template = make_template("Fairs", layout=Layout(order="year"))
    sent = packet_of(amy, use="1", template=str(template.pk), found="major=Physics")
    page = client.post(NEW, sent).content.decode()
    assert "Build packet for 1 student<" in page
    assert "Cem Celik" not in page
    assert '<option value="year" selected>' in page
    assert f'<option value="{template.pk}" selected>Fairs</option>' in page


def test_packet_takes_the_choices_of_its_form(
    client: Client,
    school: School,
    students: Any,
    pdf: Callable[..., bytes],
    make_template: Callable[..., PacketTemplate],
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    logo = make_template("Fairs", picture=picture()).logo_id
    assert client.post(NEW, packet_of(amy, logo=str(logo))).status_code == 302
    packet = Packet.objects.get()
    assert (packet.layout, packet.logo_id) == (LAYOUT, logo)
    assert packet.document_types == ["transcript", "resume"]
    assert client.post(NEW, packet_of(amy, logo="")).status_code == 302
    assert Packet.objects.count() == 2


def test_packet_stays_as_it_is_when_its_template_goes(
    client: Client,
    school: School,
    students: Any,
    pdf: Callable[..., bytes],
    make_template: Callable[..., PacketTemplate],
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    template = make_template("Fairs", picture=picture())
    client.post(NEW, packet_of(amy, logo=str(template.logo_id), output="packet"))
    run_parts(lane="packets")
    keeping.delete(template)
    packet = Packet.objects.select_related("logo", "result").get()
    before = packet.result.sha256
    lifecycle.retry(packet.job, by=None)
    run_parts(lane="packets")
    again = Packet.objects.select_related("result").get()
    assert (again.edition, again.result.sha256) == (2, before)
    rebuilding.prune(Packet.objects.get(), most=10)
    assert not StoredFile.objects.filter(pk=packet.logo_id).exists()


def test_choices_of_a_packet_are_saved_as_a_template(
    client: Client, school: School, students: Any, make_template: Callable[..., PacketTemplate]
) -> None:
    amy = students.add(school, "Amy Adams")
    students.add(school, "Ben Brown")
    logo = make_template("Fairs", picture=picture()).logo_id
    typed = packet_of(amy, save="1", save_as="Saved", title="Fair {year}", logo=str(logo))
    page = client.post(NEW, typed).content.decode()
    saved = PacketTemplate.objects.get(name="Saved")
    assert "The template “Saved” was saved. The packet is not built yet." in page
    assert "Build packet for 1 student<" in page
    assert 'value="Fair {year}"' in page
    assert (saved.title, saved.layout, saved.logo_id) == ("Fair {year}", LAYOUT, logo)
    assert saved.document_types == ["transcript", "resume"]
    assert not Packet.objects.exists()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"save_as": ""}, "Give it a name."),
        ({"save_as": "FAIRS"}, "Your school has another template of this name"),
        ({"title": "{month"}, "“{month” means nothing here"),
        ({"number_format": "no"}, "Write {page} where"),
    ],
)
def test_wrong_template_of_a_packets_form_is_refused_and_the_form_kept(
    client: Client,
    students: Any,
    make_template: Callable[..., PacketTemplate],
    changed: dict[str, Any],
    sentence: str,
) -> None:
    school = make_template("Fairs").school
    amy = students.add(school, "Amy Adams")
    students.add(school, "Ben Brown")
    answer = client.post(NEW, packet_of(amy, save="1", **{"save_as": "Saved", **changed}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The template was not saved." in page
    assert sentence in page
    assert "Build packet for 1 student<" in page
    assert "Do not pass on." in page
    assert PacketTemplate.objects.count() == 1


def test_wrong_packet_is_not_taken_for_a_template(client: Client, school: School, students: Any) -> None:
    page = client.post(NEW, packet_of(students.add(school, "Amy Adams"), number_format="no")).content.decode()
    assert "The packet was not built." in page
    assert "<details>\n        <summary>Save these choices as a template</summary>" in page
