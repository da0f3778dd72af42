"""Guessing passwords: limited by person and network, the same for addresses that nobody has."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from unittest import mock

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connections
from django.test import Client

from emails import password_links
from emails.models import LinkPurpose, PasswordLink
from jobs import guessing, pruning
from jobs.clients import network_of
from jobs.models import FamiliarNetwork, PasswordTries, Person, PersonEvent, Role
from jobs.testing import PASSWORD, make_person, make_school

NOW = datetime(2026, 11, 3, 10, 42, tzinfo=UTC)
ADDRESSES = ["sam@northfield.example", "nobody@northfield.example"]
WRONG = "not the password"
HOME, ELSEWHERE = "203.0.113.9", "198.51.100.7"


@pytest.fixture
def person(transactional_db: None) -> Person:
    return make_person(school=make_school(), email=ADDRESSES[0])


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def attempt(email: str, password: str = WRONG, *, network: str = HOME) -> tuple[int, str]:
    """Try to sign in once; return the status and the page."""
    response = Client().post("/sign-in/", {"email": email, "password": password}, REMOTE_ADDR=network)
    return response.status_code, response.content.decode()


@pytest.mark.parametrize("email", ADDRESSES)
def test_of_twelve_guesses_at_once_five_are_looked_at(person: Person, email: str) -> None:
    together = Barrier(12, timeout=30)

    def guess(_number: int) -> int:
        together.wait()
        try:
            return attempt(email)[0]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as threads:
        answers = Counter(threads.map(guess, range(12)))
    assert answers == {200: 5, 429: 7}


@pytest.mark.parametrize("email", ADDRESSES)
def test_right_password_is_not_looked_at_either_until_the_wait_is_over(
    person: Person, email: str, clock: time_machine.Traveller
) -> None:
    for _ in range(5):
        assert "do not fit together" in attempt(email)[1]
    status, page = attempt(email, PASSWORD)
    assert status == 429
    assert "There were too many wrong passwords. Please try again in 15 minutes." in page
    clock.shift(timedelta(minutes=15))
    assert attempt(email, PASSWORD)[0] == (302 if email == person.email else 200)


def test_right_passwords_cost_no_tries(person: Person, clock: time_machine.Traveller) -> None:
    for _ in range(12):
        assert attempt(person.email, PASSWORD)[0] == 302


def test_guesses_from_one_network_lock_nobody_out_of_another(
    person: Person, clock: time_machine.Traveller
) -> None:
    for _ in range(9):
        attempt(person.email, network=ELSEWHERE)
    assert attempt(person.email, PASSWORD, network=ELSEWHERE)[0] == 429
    assert attempt(person.email, PASSWORD)[0] == 302


def guess_from_many_networks(email: str) -> None:
    for number in range(30):
        attempt(email, network=f"192.0.2.{number}")


@pytest.mark.parametrize("email", ADDRESSES)
def test_guesses_from_many_networks_are_stopped_for_an_hour(
    person: Person, email: str, clock: time_machine.Traveller
) -> None:
    guess_from_many_networks(email)
    assert attempt(email, PASSWORD)[0] == 429
    clock.shift(timedelta(hours=1))
    assert attempt(email)[0] == 200


def test_person_signs_in_from_their_office_while_the_world_guesses(
    person: Person, clock: time_machine.Traveller
) -> None:
    guessing.note_familiar(person=person, network=network_of(HOME), now=NOW)
    guess_from_many_networks(person.email)
    assert attempt(person.email, PASSWORD, network=ELSEWHERE)[0] == 429
    assert attempt(person.email, PASSWORD)[0] == 302


def test_one_network_may_guess_only_so_much_at_all_addresses(
    person: Person, clock: time_machine.Traveller
) -> None:
    for number in range(100):
        assert attempt(f"person-{number}@northfield.example")[0] == 200
    assert attempt(person.email, PASSWORD)[0] == 429
    assert attempt(person.email, PASSWORD, network=ELSEWHERE)[0] == 302


@pytest.mark.parametrize("email", [*ADDRESSES, "left@northfield.example", "invited@northfield.example"])
def test_each_address_costs_one_hash(person: Person, email: str) -> None:
    make_person(school=person.school, email="left@northfield.example")
    Person.objects.filter(email="left@northfield.example").update(is_active=False)
    invited = make_person(school=person.school, email="invited@northfield.example")
    invited.set_unusable_password()
    invited.save()
    with mock.patch.object(MD5PasswordHasher, "encode", side_effect=MD5PasswordHasher().encode) as encode:
        assert "do not fit together" in attempt(email)[1]
    assert encode.call_count == 1


def test_addresses_and_networks_are_kept_as_hashes_and_not_for_ever(
    person: Person, clock: time_machine.Traveller
) -> None:
    attempt(person.email)
    guessing.note_familiar(person=person, network=network_of(HOME), now=NOW)
    assert {len(subject) for subject in PasswordTries.objects.values_list("subject", flat=True)} == {64}
    pruning.prune(now=NOW + timedelta(minutes=30))
    assert PasswordTries.objects.count() == 1
    pruning.prune(now=NOW + timedelta(days=91))
    assert not PasswordTries.objects.exists()
    assert not FamiliarNetwork.objects.exists()


def test_who_is_locked_out_is_told_how_long_and_what_lifts_it(
    person: Person, clock: time_machine.Traveller
) -> None:
    guess_from_many_networks(person.email)
    clock.shift(timedelta(minutes=20))
    answer = Client().post("/sign-in/", {"email": person.email, "password": PASSWORD})
    assert (answer.status_code, answer["Retry-After"]) == (429, "2400")
    assert "A new password by “I forgot my password” lifts this at once." in answer.content.decode()


def test_new_password_by_a_link_lifts_the_lock(person: Person, clock: time_machine.Traveller) -> None:
    for _ in range(5):
        attempt(person.email)
    guess_from_many_networks(person.email)
    link = PasswordLink.objects.create(
        purpose=LinkPurpose.RESET,
        email=person.email,
        person=person,
        hash=password_links._hashed("secret"),
        requested_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )
    assert attempt(person.email, PASSWORD)[0] == 429
    new = "nineteen blue lamps"
    Client().post(
        "/account/password/set/secret/",
        {"new_password": new, "new_password_again": new},
        REMOTE_ADDR=HOME,
    )
    link.refresh_from_db()
    assert link.used_at
    assert attempt(person.email, new)[0] == 302


def test_administrator_sees_the_lock_and_lifts_it(person: Person, clock: time_machine.Traveller) -> None:
    manager = Client()
    manager.force_login(make_person(school=person.school, role=Role.MANAGER))
    page = f"/people/{person.pk}/"
    assert "wrong passwords" not in manager.get(page).content.decode()
    guess_from_many_networks(person.email)
    shown = manager.get(page).content.decode()
    assert "Too many wrong passwords were typed for this login." in shown
    assert '<time datetime="2026-11-03T11:42:00+00:00">3 Nov, 11:42</time>' in shown
    manager.post(f"{page}unlock/")
    assert attempt(person.email, PASSWORD)[0] == 302
    assert "wrong passwords" not in manager.get(page).content.decode()
    event = PersonEvent.objects.get()
    assert event.what == f"let {person.name} type passwords again"
    manager.post(f"{page}unlock/")
    assert PersonEvent.objects.count() == 1


def test_managers_of_other_schools_lift_no_lock(person: Person, clock: time_machine.Traveller) -> None:
    guess_from_many_networks(person.email)
    other = Client()
    other.force_login(make_person(school=make_school(), role=Role.MANAGER))
    assert other.post(f"/people/{person.pk}/unlock/").status_code == 404
    assert attempt(person.email, PASSWORD)[0] == 429
