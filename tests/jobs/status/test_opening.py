"""When incidents open, stay and close: arithmetic alone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from jobs.status.opening import Known, Limits, next_status, troubled_lanes, troubles
from jobs.status.samples import BROKER, WORKERS, LaneSample, Sample, calm_since, in_a_row
from jobs.status.showing import describe, indicator_of, status_of_components

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TEN = timedelta(seconds=10)
LIMITS = Limits(late_samples=2, gone=timedelta(seconds=60), calm=timedelta(seconds=300))
LATE, FINE = LaneSample(is_late=True, wait_seconds=99), LaneSample()


def row_of(*lanes: LaneSample, has_broker: bool = True) -> list[Sample]:
    """Return samples of the lane mail, ten seconds apart."""
    return [
        Sample(at=NOON + place * TEN, lanes={"mail": lane}, has_broker=has_broker)
        for place, lane in enumerate(lanes)
    ]


def statuses(row: list[Sample]) -> list[str]:
    """Return the status of an incident of the lane mail after each sample of `row`."""
    status, told = "investigating", []
    for end in range(1, len(row) + 1):
        seen = row[:end]
        status, _ = next_status(
            status,
            is_known=False,
            is_troubled="mail" in troubled_lanes(seen, limits=LIMITS),
            row=seen,
            lanes=frozenset({"mail"}),
            limits=LIMITS,
        )
        told.append(status)
    return told


def test_one_late_look_is_no_trouble_and_two_in_a_row_are() -> None:
    assert troubled_lanes(row_of(FINE, LATE), limits=LIMITS) == {}
    assert troubled_lanes(row_of(LATE, FINE, LATE), limits=LIMITS) == {}
    assert troubled_lanes(row_of(FINE, LATE, LATE), limits=LIMITS) == {"mail": "lane:mail"}


def test_looks_with_a_long_pause_between_them_are_not_in_a_row() -> None:
    row = [Sample(at=NOON + place * TEN, lanes={"mail": LATE}) for place in (0, 10)]
    assert in_a_row(row, pause=3 * TEN) == row[1:]
    assert in_a_row(row, pause=10 * TEN) == row


def test_nobody_at_work_is_the_cause_of_a_late_lane_at_once() -> None:
    late = LaneSample(slots=0, is_late=True)
    assert troubled_lanes(row_of(late, late), limits=LIMITS) == {"mail": WORKERS}


def test_lane_that_a_person_paused_lacks_no_workers() -> None:
    assert troubled_lanes(row_of(*[LaneSample(slots=0, is_held=True)] * 9), limits=LIMITS) == {}


def test_broker_is_the_cause_before_anything_else() -> None:
    late = LaneSample(slots=0, is_late=True, service="the mail relay")
    assert troubled_lanes(row_of(late, late, has_broker=False), limits=LIMITS) == {"mail": BROKER}
    outside = LaneSample(service="the mail relay")
    assert troubled_lanes(row_of(outside, outside), limits=LIMITS) == {"mail": "service:the mail relay"}


def test_lane_whose_workers_are_not_there_yet_gets_more_time_than_one_that_lost_them() -> None:
    idle, there = LaneSample(slots=0), LaneSample(slots=2)
    assert troubled_lanes(row_of(*[idle] * 20), limits=LIMITS) == {}
    assert troubled_lanes(row_of(*[idle] * 25), limits=LIMITS) == {"mail": WORKERS}
    assert troubled_lanes(row_of(there, *[idle] * 6), limits=LIMITS) == {}
    assert troubled_lanes(row_of(there, *[idle] * 7), limits=LIMITS) == {"mail": WORKERS}


def test_what_still_waits_after_the_cause_is_gone_belongs_to_the_same_incident() -> None:
    known = [Known(id=7, cause=WORKERS, lanes=frozenset({"mail", "bulk"}))]
    found = troubles({"mail": "lane:mail", "bulk": "lane:bulk", "codes": "lane:codes"}, known=known)
    assert [(each.cause, each.incident) for each in found] == [
        ("lane:bulk", 7),
        ("lane:codes", None),
        ("lane:mail", 7),
    ]


def test_several_lanes_with_one_cause_are_one_trouble() -> None:
    found = troubles({"mail": BROKER, "bulk": BROKER, "codes": "lane:codes"}, known=[])
    assert [(each.cause, each.lanes) for each in found] == [
        (BROKER, {"mail", "bulk"}),
        ("lane:codes", {"codes"}),
    ]


def test_what_is_found_out_later_belongs_to_the_incident_that_is_open() -> None:
    known = [Known(id=7, cause="lane:mail", lanes=frozenset({"mail"}))]
    [found] = troubles({"mail": "service:the mail relay", "bulk": "service:the mail relay"}, known=known)
    assert (found.incident, found.lanes) == (7, {"mail", "bulk"})


def test_one_incident_takes_one_cause_over_and_another_cause_opens_its_own() -> None:
    known = [
        Known(id=1, cause="lane:mail", lanes=frozenset({"mail"})),
        Known(id=2, cause="lane:bulk", lanes=frozenset({"bulk"})),
    ]
    [found] = troubles({"mail": BROKER, "bulk": BROKER}, known=known)
    assert found.incident == 1
    both = troubles({"mail": "lane:mail", "codes": "lane:codes"}, known=known)
    assert [(each.cause, each.incident) for each in both] == [("lane:codes", None), ("lane:mail", 1)]


def test_incident_is_watched_after_two_good_looks_and_resolved_after_five_good_minutes() -> None:
    told = statuses(row_of(LATE, LATE, *[FINE] * 32))
    assert told[:4] == ["investigating", "investigating", "investigating", "monitoring"]
    assert told.index("resolved") == 2 + 30


def test_one_bad_look_begins_the_good_minutes_anew() -> None:
    told = statuses(row_of(LATE, LATE, *[FINE] * 20, LATE, *[FINE] * 32))
    assert told.index("resolved") == 2 + 20 + 1 + 30


def test_incident_that_begins_again_while_it_is_watched_is_looked_into_again() -> None:
    told = statuses(row_of(LATE, LATE, FINE, FINE, LATE, LATE))
    assert told[3:] == ["monitoring", "monitoring", "investigating"]


@given(st.lists(st.booleans(), min_size=1, max_size=120))
def test_nothing_is_resolved_within_calm_of_a_bad_look(bad: list[bool]) -> None:
    row = row_of(*(LATE if each else FINE for each in bad))
    for place, status in enumerate(statuses(row)):
        if status == "resolved":
            assert not any(bad[max(0, place - 30) : place + 1])


@given(st.lists(st.booleans(), min_size=2, max_size=60))
def test_trouble_is_when_the_last_two_looks_are_bad(bad: list[bool]) -> None:
    row = row_of(*(LATE if each else FINE for each in bad))
    assert bool(troubled_lanes(row, limits=LIMITS)) == (bad[-1] and bad[-2])
    since = calm_since(row, ["mail"])
    assert (since is None) == bad[-1]
    assert all(not each for sample, each in zip(row, bad, strict=True) if since and sample.at >= since)


@given(st.dictionaries(st.sampled_from("abc"), st.sampled_from(["x", "y", "lane:a"]), min_size=1))
def test_every_lane_in_trouble_belongs_to_one_trouble_and_no_incident_to_two(causes: dict[str, str]) -> None:
    known = [Known(id=place, cause=f"lane:{lane}", lanes=frozenset(lane)) for place, lane in enumerate("abc")]
    found = troubles(causes, known=known)
    assert sorted(lane for each in found for lane in each.lanes) == sorted(causes)
    taken = [each.incident for each in found if each.incident is not None]
    assert len(taken) == len(set(taken))


def test_components_show_the_worst_that_concerns_them_and_never_worse_than_their_own() -> None:
    impacts = {"codes": "critical", "packets": "major", "mailings": "minor"}
    concerned = [("packets", "critical"), ("mailings", "critical"), ("mailings", "maintenance")]
    shown = status_of_components(impacts, concerned=concerned)
    assert shown == {
        "codes": "operational",
        "packets": "partial_outage",
        "mailings": "degraded_performance",
    }
    assert indicator_of(shown.values()) == "major"
    assert describe("major", statuses=shown.values()) == "Partial System Outage"


def test_maintenance_alone_is_no_outage() -> None:
    shown = status_of_components({"codes": "critical"}, concerned=[("codes", "maintenance")])
    assert indicator_of(shown.values()) == "none"
    assert describe("none", statuses=shown.values()) == "Service Under Maintenance"
    assert describe("none", statuses=["operational"]) == "All Systems Operational"
