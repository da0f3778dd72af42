"""The page says how old it is, and that the platform cannot be reached."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs.status import honesty, keeping
from jobs.status.keeping import Snapshot

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BODY = {
    "components": [{"id": "codes", "name": "Sign-in codes", "status": "operational"}],
    "incidents": [],
    "maintenances": [],
    "figures": {},
    "changed_at": "2026-05-04T11:00:00.000Z",
}
SEEN = Snapshot(at=NOON, body=BODY)


def test_fresh_snapshot_is_shown_as_it_is() -> None:
    told = honesty.tell(SEEN, now=NOON + 60 * SECOND, unreachable_since=None)
    assert (told.notice, told.indicator, told.description) == ("", "none", "All Systems Operational")
    assert told.body is SEEN.body


def test_old_snapshot_says_how_old_it_is() -> None:
    told = honesty.tell(SEEN, now=NOON + 300 * SECOND, unreachable_since=None)
    assert told.notice.startswith(
        "Nobody looks at the platform's lanes at this moment. What this page shows is "
    )
    assert "is 5 minutes old." in told.notice
    assert (told.indicator, told.description) == ("minor", "Status Unknown")


def test_database_that_restarts_is_no_outage_yet_and_one_that_stays_away_is() -> None:
    now = NOON + 30 * SECOND
    told = honesty.tell(SEEN, now=now, unreachable_since=now - 2 * SECOND)
    assert (told.indicator, told.unresolved, told.is_reachable) == ("none", [], False)
    told = honesty.tell(SEEN, now=now, unreachable_since=now - 6 * SECOND)
    assert (told.indicator, told.description) == ("critical", "Major Service Outage")
    assert told.notice.endswith("What this page shows is 30 seconds old.")
    [outage] = told.unresolved
    assert (outage["impact"], outage["started_at"]) == ("critical", "2026-05-04T12:00:24.000Z")
    assert [component["status"] for component in told.body["components"]] == ["major_outage"]
    assert SEEN.body["components"][0]["status"] == "operational"


def test_page_that_knows_nothing_says_so() -> None:
    told = honesty.tell(None, now=NOON, unreachable_since=None)
    assert "Nothing is known of the time before." in told.notice
    assert told.description == "Status Unknown"


def test_file_comes_back_as_it_was_written_and_nothing_else_is_left_in_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "of" / "status"
    assert keeping.read(folder=folder) is None
    keeping.write(SEEN, folder=folder)
    keeping.write(SEEN, folder=folder)
    assert keeping.read(folder=folder) == SEEN
    assert [path.name for path in folder.iterdir()] == ["snapshot.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"at": "noon", "body": {}}', '{"at": 1}'])
def test_file_that_is_broken_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "snapshot.json").write_text(text)
    assert keeping.read(folder=tmp_path) is None
