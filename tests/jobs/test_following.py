"""Every process follows the newest settings version, and goes on with what it knows when it cannot ask."""

import threading
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.db.utils import OperationalError, ProgrammingError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import following, settings, versions
from jobs.forgetting import forgetting
from jobs.models import SettingsVersion
from jobs.settings import switchyard

MORE_WORKERS = {"lanes": {"mail": {"workers": 9}}}


def make_version(number: int, overrides: dict[str, Any]) -> SettingsVersion:
    """Write a version as `jobs.changing` does."""
    return SettingsVersion.objects.create(
        number=number, made_at=timezone.now(), why="A test", overrides=overrides
    )


@pytest.fixture
def always_asks(live_settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a second pass between two looks at the settings."""
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.0)


def workers() -> int:
    """Return what the settings in force say of the lane mail."""
    return switchyard().lanes["mail"].workers


def test_newest_version_is_in_force(always_asks: None) -> None:
    before = workers()
    make_version(1, {"lanes": {"mail": {"workers": 7}}})
    assert workers() == 7
    make_version(2, MORE_WORKERS)
    assert workers() == 9
    assert settings.version_in_force() == 2
    with forgetting():
        SettingsVersion.objects.all().delete()
    assert workers() == before


@pytest.mark.django_db(transaction=True)
def test_newest_version_is_asked_for_once_a_second(
    live_settings: None, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = 100.0
    monkeypatch.setattr(following.time, "monotonic", lambda: at)
    with django_assert_num_queries(1):
        assert {switchyard().lanes["mail"].workers for _ in range(50)} == {4}
    at += 0.99
    with django_assert_num_queries(0):
        switchyard()
    at += 0.01
    with django_assert_num_queries(1):
        switchyard()


@pytest.mark.django_db(transaction=True)
def test_query_of_the_newest_version_reads_one_row() -> None:
    for number in range(1, 4):
        make_version(number, {})
    with connection.execute_wrapper(_one_row_at_most):
        assert versions.newest() == following.Newest(number=3, overrides={})


def _one_row_at_most(execute: Any, sql: str, *args: Any) -> Any:
    assert "LIMIT 1" in sql
    return execute(sql, *args)


def test_database_that_is_away_keeps_the_last_known_settings(always_asks: None) -> None:
    make_version(1, MORE_WORKERS)
    assert workers() == 9
    with forgetting():
        SettingsVersion.objects.all().delete()
    with mock.patch.object(SettingsVersion.objects, "order_by", side_effect=OperationalError):
        assert workers() == 9
    assert workers() == 4


@pytest.mark.django_db(transaction=True)
def test_transaction_that_has_failed_is_left_alone_and_keeps_the_last_known_settings(
    always_asks: None,
) -> None:
    make_version(1, MORE_WORKERS)
    assert workers() == 9
    with transaction.atomic():
        with pytest.raises(ProgrammingError), connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")
        assert workers() == 9
        transaction.set_rollback(True)
    assert workers() == 9


@pytest.mark.django_db(transaction=True)
def test_failure_to_read_does_not_fail_the_callers_transaction(always_asks: None) -> None:
    make_version(1, MORE_WORKERS)
    with transaction.atomic():
        with connection.execute_wrapper(_break_settings):
            switchyard()
        assert SettingsVersion.objects.count() == 1


def _break_settings(execute: Any, sql: str, *args: Any) -> Any:
    return execute(sql.replace('"jobs_settingsversion"', "nowhere"), *args)


def test_overrides_that_do_not_fit_a_new_settings_file_are_left_out(always_asks: None) -> None:
    make_version(1, {"lanes": {"gone": {"workers": 3}}})
    assert workers() == 4
    make_version(2, MORE_WORKERS)
    assert workers() == 9


def test_one_thread_asks_while_the_others_go_on_with_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.0)
    asking, answered = threading.Event(), threading.Event()
    answers: list[following.Newest] = []

    def newest() -> following.Newest:
        if answers:
            asking.set()
            assert answered.wait(10)
        answers.append(following.Newest(number=len(answers), overrides={}))
        return answers[-1]

    follower = following.Follower(read=lambda _: switchyard())
    follower.follow(newest)
    follower.now()
    slow = threading.Thread(target=follower.now)
    slow.start()
    assert asking.wait(10)
    follower.now()
    assert len(answers) == 1
    answered.set()
    slow.join()
    assert len(answers) == 2
