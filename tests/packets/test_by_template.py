"""A program asks for a packet by a template of its school."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from jobs.asking import WrongArguments
from jobs.models import Job, School
from jobs.requesting import request
from jobs.testing import make_school
from packets.layout import Layout
from packets.models import Packet, PacketTemplate

pytestmark = pytest.mark.django_db

LOOK = {
    "title": "Fair of {date}",
    "document_types": ["transcript", "resume"],
    "has_own_files": True,
    "layout": Layout(order="major", notice="Do not pass on.", has_numbers=False),
}


@pytest.fixture
def ask(students: Any, school: School) -> Callable[..., Packet]:
    """Asks for a packet of one student and returns it."""
    amy = students.add(school, "Amy Adams")

    def asked(**given: Any) -> Packet:
        arguments = {"students": [amy.number], **given}
        job, _ = request(kind="packets.build", school=school, by=None, key="one", arguments=arguments)
        return Packet.objects.get(job=job)

    return asked


def test_template_is_taken_by_name_in_any_case_or_by_id(
    ask: Callable[..., Packet], make_template: Callable[..., PacketTemplate]
) -> None:
    template = make_template("Career fairs", **LOOK)
    with time_machine.travel(datetime(2027, 3, 4, 12, tzinfo=UTC), tick=False):
        packet = ask(template="career FAIRS")
    assert packet.title == "Fair of 4 March 2027"
    assert packet.document_types == ["transcript", "resume"]
    assert packet.has_own_files
    assert Layout.read(packet.layout) == LOOK["layout"]
    assert ask(template=template.pk) == packet


def test_what_is_named_besides_counts_more(
    ask: Callable[..., Packet], make_template: Callable[..., PacketTemplate]
) -> None:
    make_template("Career fairs", **LOOK)
    packet = ask(
        template="Career fairs",
        title="Own",
        document_types=["resume"],
        own_files=False,
        order="name",
        linearised=True,
    )
    assert (packet.title, packet.document_types, packet.has_own_files) == ("Own", ["resume"], False)
    layout = Layout.read(packet.layout)
    assert (layout.order, layout.is_linearised, layout.notice) == ("name", True, "Do not pass on.")


def test_documents_alone_have_nothing_of_the_template_around_them(
    ask: Callable[..., Packet], make_template: Callable[..., PacketTemplate]
) -> None:
    make_template("Career fairs", **LOOK)
    layout = Layout.read(ask(template="Career fairs", documents_only=True).layout)
    assert (layout.has_cover, layout.notice, layout.order) == (False, "", "major")


def test_same_request_on_another_day_is_the_same_packet(
    ask: Callable[..., Packet], make_template: Callable[..., PacketTemplate]
) -> None:
    make_template("Career fairs", **LOOK)
    with time_machine.travel(datetime(2027, 3, 4, 12, tzinfo=UTC), tick=False):
        packet = ask(template="Career fairs")
    with time_machine.travel(datetime(2027, 3, 5, 12, tzinfo=UTC), tick=False):
        assert ask(template="Career fairs") == packet
    assert Job.objects.count() == 1


def test_unknown_template_is_named_with_those_that_there_are(
    ask: Callable[..., Packet], make_template: Callable[..., PacketTemplate]
) -> None:
    fairs = make_template("Career fairs")
    stranger = make_template("Theirs", school=make_school())
    for given in ("Theirs", stranger.pk, 10**18):
        with pytest.raises(WrongArguments) as refused:
            ask(template=given)
        says = f"Your school has no packet template {given!r}. It has: “Career fairs” ({fairs.pk})."
        assert refused.value.problems == {"arguments.template": says}


@pytest.mark.parametrize("given", ["", " ", 0, -1, 10**30, True, 1.5, [1], {"name": "x"}, "a\0b"])
def test_what_names_no_template_is_refused(ask: Callable[..., Packet], given: object) -> None:
    with pytest.raises(WrongArguments) as refused:
        ask(template=given, title="Fair", document_types=["resume"])
    assert list(refused.value.problems) == ["arguments.template"]


def test_what_neither_says_is_asked_for(
    ask: Callable[..., Packet], make_template: Callable[..., PacketTemplate]
) -> None:
    with pytest.raises(WrongArguments) as refused:
        ask()
    assert set(refused.value.problems) == {"arguments.title", "arguments.document_types"}
    make_template("No title")
    with pytest.raises(WrongArguments, match="Give the packet a title"):
        ask(template="No title")
