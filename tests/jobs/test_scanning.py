"""What people hand in is looked at by the virus scanner, and never taken unseen."""

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from switchyard import addresses, env

from jobs import clamd, rounds, scanning
from jobs.models import Breaker, BreakerState, PersonEvent, Role, School
from jobs.scanning import Infected, NotScanned, require_clean
from jobs.testing import make_person
from tests.scanner import FOUND, INFECTED, Scanner


def look_at(content: bytes, school: School, *, name: str = "letter.txt") -> None:
    """Look at a file that somebody of the school hands in."""
    require_clean(ContentFile(content), name=name, school=school, by=make_person(school=school))


def test_clean_file_is_taken_and_can_be_read_from_its_beginning(school: School, scanner: Scanner) -> None:
    file = ContentFile(b"Dear Maya" * 20_000)
    require_clean(file, name="letter.txt", school=school, by=None)
    assert scanner.scanned == [b"Dear Maya" * 20_000]
    assert file.read(9) == b"Dear Maya"


def test_infected_file_is_refused_and_noted_for_the_audit(school: School, scanner: Scanner) -> None:
    with pytest.raises(Infected, match=f"“letter.txt” was not taken: the virus scanner found {FOUND} in it"):
        look_at(b"Dear " + INFECTED, school)
    event = PersonEvent.objects.get()
    assert event.what == f"handed in “letter.txt”, refused for {FOUND}"
    assert event.school == school


def test_file_that_the_scanner_cannot_take_is_refused(school: School, scanner: Scanner) -> None:
    with pytest.raises(NotScanned, match="takes no file of this size"):
        look_at(b"x" * (3 << 20), school)
    assert not Breaker.objects.filter(failures__gt=0).exists()


def test_without_a_scanner_nothing_is_asked(school: School, settings: Settings) -> None:
    settings.CLAMAV_ADDRESS = ""
    look_at(INFECTED, school)
    scanning.look_after_scanner(now=timezone.now())
    assert scanning.remarks() == []


def test_scanner_that_is_away_lets_nothing_through(school: School, settings: Settings) -> None:
    settings.CLAMAV_ADDRESS = "127.0.0.1:1"
    for _ in range(6):
        with pytest.raises(NotScanned, match="no file is taken unseen"):
            look_at(b"Dear Maya", school)
    assert Breaker.objects.get().state == BreakerState.OPEN


def test_scanner_that_hangs_keeps_nobody_longer_than_its_time(
    school: School, scanner: Scanner, settings: Settings
) -> None:
    scanner.is_silent, settings.CLAMAV_SECONDS = True, 1
    with pytest.raises(NotScanned, match="does not answer"):
        look_at(b"Dear Maya", school)  # it would be silent until the test ends


def test_ops_are_told_before_anybody_hands_in_a_file(client: Client, db: None, settings: Settings) -> None:
    settings.CLAMAV_ADDRESS = "127.0.0.1:1"
    client.force_login(make_person(role=Role.OPS))
    assert str(scanning.SILENT) not in client.get("/ops/").content.decode()
    scanning.look_after_scanner(now=timezone.now())
    assert f"{scanning.SILENT} It is looked for at 127.0.0.1:1." in client.get("/ops/").content.decode()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd.ctl"])
def test_ops_are_told_once_and_of_files_not_of_parts(
    address: str, client: Client, school: School, settings: Settings
) -> None:
    settings.CLAMAV_ADDRESS = address
    for _ in range(6):
        with pytest.raises(NotScanned):
            look_at(b"Dear Maya", school)
    client.force_login(make_person(role=Role.OPS))
    page = client.get("/ops/").content.decode()
    assert f"{scanning.SILENT} It is looked for at {address}." in page
    assert "its parts wait" not in page


def test_scanner_that_is_back_is_told_no_more(scanner: Scanner, db: None) -> None:
    Breaker.objects.create(name=f"scanner:{scanner.address}", failures=3, last_failure=scanning.SILENT)
    assert len(scanning.remarks()) == 1
    scanning.look_after_scanner(now=timezone.now())
    assert scanning.remarks() == []


@pytest.mark.parametrize("said", [b"stream: nonsense", b"", b"stream: Can't allocate memory ERROR"])
def test_any_other_answer_is_none(said: bytes, scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "answer_to", lambda _: said)
    with pytest.raises(clamd.NoAnswer):
        clamd.scan(BytesIO(b"x"), address=scanner.address, seconds=20)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("clamav:3310", "clamav:3310"),
        ("unix:/run/clamd.ctl", "/run/clamd.ctl"),
        ("/run/c", "/run/c"),
        ("", ""),
    ],
)
def test_address_is_a_place_or_a_path(given: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAMAV_ADDRESS", given)
    assert addresses.scanner("CLAMAV_ADDRESS") == address


def test_address_without_a_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAMAV_ADDRESS", "clamav")
    with pytest.raises(env.WrongVariable, match="CLAMAV_ADDRESS holds 'clamav'; write a host and a port"):
        addresses.scanner("CLAMAV_ADDRESS")


def test_supervision_asks_only_where_there_is_a_scanner() -> None:
    assert scanning.look_after_scanner not in rounds.offered()
