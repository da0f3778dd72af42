"""Incidents open, are told of and close by themselves."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError, transaction

from jobs.models import Incident, IncidentStatus, IncidentUpdate
from jobs.status import incidents
from tests.jobs.status.conftest import NOON, TEN, See

LATE = {"is_late": True, "wait_seconds": 42.0}


def bodies(incident: Incident) -> list[str]:
    """Return what was told of an incident, first to last."""
    return list(incident.updates.order_by("at", "id").values_list("body", flat=True))


def test_promise_broken_twice_in_a_row_opens_one_incident_with_figures(see: See) -> None:
    see(3)
    see(codes=LATE)
    assert not Incident.objects.exists()
    see(3, codes=LATE)
    incident = Incident.objects.get()
    assert (incident.impact, incident.status, incident.components) == ("critical", "investigating", ["codes"])
    assert incident.title == "Longer waits than promised: Sign-in codes"
    assert incident.started_at == NOON + 3 * TEN - timedelta(seconds=37)
    [told] = bodies(incident)
    assert told.startswith(
        "Since 11:59 UTC waits are longer than promised. Sign-in codes: the longest wait is "
    )
    assert "42 seconds now, 5 seconds at most are promised." in told


@pytest.mark.parametrize(
    ("lane", "impact"),
    [("codes", "critical"), ("packets", "major"), ("uploads", "major"), ("bulk", "minor"), ("mail", "minor")],
)
def test_impact_goes_by_the_class_of_jobs(see: See, lane: str, impact: str) -> None:
    see(2, **{lane: LATE})
    assert Incident.objects.get().impact == impact


def test_two_lanes_late_for_reasons_of_their_own_are_two_incidents(see: See) -> None:
    see(2, codes=LATE, uploads=LATE)
    assert sorted(Incident.objects.values_list("cause", flat=True)) == ["lane:codes", "lane:uploads"]


def test_lanes_without_workers_are_one_incident(see: See) -> None:
    see()
    see(6, codes={"slots": 0}, bulk={"slots": 0})
    assert not Incident.objects.exists()
    see(codes={"slots": 0}, bulk={"slots": 0})
    incident = Incident.objects.get()
    assert (incident.cause, incident.status, incident.impact) == ("workers", "identified", "critical")
    assert incident.title == "No workers for: Sign-in codes and Mailings"
    assert "no worker has been there for: Sign-in codes and Mailings." in bodies(incident)[0]


def test_broker_that_does_not_answer_is_one_incident_of_all(see: See) -> None:
    see()
    see(7, has_broker=False)
    incident = Incident.objects.get()
    assert incident.title == "The platform's message broker does not answer"
    assert incident.components == ["codes", "packets", "uploads", "mailings", "webhooks"]


def test_cause_that_is_found_later_is_told_in_the_same_incident(see: See) -> None:
    see(2, bulk=LATE)
    outside = {**LATE, "service": "the mail relay"}
    see(2, bulk=outside, codes={"service": "the mail relay"})
    incident = Incident.objects.get()
    assert (incident.cause, incident.status) == ("service:the mail relay", "identified")
    assert (incident.impact, incident.components) == ("critical", ["mailings", "codes"])
    assert incident.title == "The mail relay does not answer: Sign-in codes and Mailings"
    _, known, more = bodies(incident)
    assert known.startswith(
        "The cause is known: the mail relay does not answer. Mailings: the longest wait is"
    )
    assert more.startswith(
        "It concerns more now: Sign-in codes. Mailings: the longest wait is 42 seconds now"
    )


def test_cause_that_was_known_stays_known_while_its_lanes_catch_up(see: See) -> None:
    see()
    see(7, codes={"slots": 0}, uploads={"slots": 0})
    see(3, codes=LATE, uploads=LATE)
    incident = Incident.objects.get()
    assert (incident.cause, incident.status) == ("workers", "identified")
    assert incident.title == "No workers for: Sign-in codes and Data uploads"
    see(2)
    assert Incident.objects.get().status == "monitoring"


def test_incident_that_lasts_is_told_of_every_quarter_of_an_hour(see: See) -> None:
    see(2 + 90, uploads=LATE)
    told = bodies(Incident.objects.get())
    assert len(told) == 2
    assert told[1].startswith("It lasts, for 15 minutes by now. Data uploads: the longest wait is 42 seconds")


def test_incident_is_watched_and_then_resolved(see: See) -> None:
    see(2, packets=LATE)
    calm_at = see(1)
    see(1)
    incident = Incident.objects.get()
    assert (incident.status, incident.monitoring_at) == ("monitoring", calm_at)
    see(28)
    assert Incident.objects.get().status == "monitoring"
    see(1)
    incident = Incident.objects.get()
    assert (incident.status, incident.ended_at) == ("resolved", calm_at + timedelta(minutes=5))
    _, watched, over = bodies(incident)
    assert watched.startswith(
        "All promises hold again since 12:00 UTC; the longest wait is less than a second."
    )
    assert over.startswith("It is over: it lasted ")
    assert "The longest wait was 42 seconds. Nothing that was asked for was lost." in over
    assert see(9)
    assert len(bodies(incident)) == 3


def test_incident_that_begins_again_while_watched_stays_the_same_one(see: See) -> None:
    see(2, packets=LATE)
    see(10)
    see(2, packets=LATE)
    incident = Incident.objects.get()
    assert (incident.status, incident.monitoring_at) == ("investigating", None)
    assert bodies(incident)[2].startswith("It began again. Since 12:02 UTC waits")


def test_other_cause_while_watched_is_told_in_its_own_words_and_with_its_own_start(see: See) -> None:
    see()
    see(7, codes={"slots": 0}, packets={"slots": 0})
    see(6)
    see(2, packets={"is_late": True, "wait_seconds": 130.0})
    incident = Incident.objects.get()
    assert (incident.cause, incident.status) == ("lane:packets", "investigating")
    assert incident.title == "Longer waits than promised: Document packets"
    told = bodies(incident)[-1]
    assert told.startswith("It began again. Since 12:02 UTC waits are longer than promised. Document packets")
    assert "worker" not in told


def test_same_lane_late_again_after_the_end_is_a_new_incident(see: See) -> None:
    see(2, packets=LATE)
    see(31)
    see(2, packets=LATE)
    assert Incident.objects.count() == 2


def test_supervisor_killed_within_its_look_leaves_it_to_the_next_one(see: See) -> None:
    see(1, codes=LATE)

    class Killed(BaseException):
        pass

    with (
        mock.patch.object(incidents, "tell", side_effect=Killed),
        pytest.raises(Killed),
        transaction.atomic(),
    ):
        see(1, codes=LATE)
    assert not Incident.objects.exists()
    see(1, codes=LATE)
    assert (Incident.objects.count(), IncidentUpdate.objects.count()) == (1, 1)


def test_second_judgement_of_the_same_samples_changes_nothing(see: See) -> None:
    now = see(2, codes=LATE)
    incidents.judge(now=now)
    see(2)
    before = list(IncidentUpdate.objects.values())
    incidents.judge(now=now + 2 * TEN)
    assert list(IncidentUpdate.objects.values()) == before
    assert Incident.objects.count() == 1


def test_database_keeps_a_cause_from_having_two_open_incidents(see: See) -> None:
    see(2, codes=LATE)
    incident = Incident.objects.get()
    values: dict[str, Any] = {"title": "x", "impact": "minor", "started_at": NOON, "opened_at": NOON}
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.create(
            cause=incident.cause, status=IncidentStatus.INVESTIGATING, updated_at=NOON, **values
        )


def test_lane_that_no_component_shows_opens_nothing(see: See, settings: Any) -> None:
    given = settings.SWITCHYARD
    components = {name: each for name, each in given["components"].items() if name != "codes"}
    settings.SWITCHYARD = {**given, "components": components}
    see(3, codes=LATE)
    assert not Incident.objects.exists()
