"""What a report about an upload says."""

from tests.uploads.conftest import HandIn
from uploads.reporting import report_of

STUDENTS = "number,first name,last name,email\n1,Maya,Lee,maya@s.example\n2,Ana,Cruz,ana\n"
EMPLOYERS = "employer name\nHarbor Health\n"


def test_a_report_counts_what_is_wrong(hand_in: HandIn) -> None:
    report = report_of(hand_in(STUDENTS, needs_all=True))
    assert "1 \u00d7 email: It is not an e-mail address." in report
    assert "nothing was imported because a row is wrong." in report
    assert "0 skipped, because they look like another person" in report


def test_a_report_of_rows_that_are_no_people_says_nothing_of_other_people(hand_in: HandIn) -> None:
    report = report_of(hand_in(EMPLOYERS, dataset="employers"))
    assert "1 new" in report
    assert "another person" not in report
