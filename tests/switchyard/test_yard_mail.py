"""Where a yard's mail goes: into its own catcher, or to the relay that the environment names."""

from datetime import UTC, datetime

import pytest
from switchyard.yard.choices import Choices, choose
from switchyard.yard.processes import environment, platform, variables
from switchyard.yard.welcome import welcome

SIGN_IN = {"MAIL_RELAY_USER": "careers", "MAIL_RELAY_PASSWORD": "s3cr3t", "MAIL_RELAY_TLS": "starttls"}
RELAY = {"MAIL_RELAY_HOST": "smtp.university.example", "MAIL_RELAY_PORT": "587", **SIGN_IN}


def noted(choices: Choices) -> dict[str, str]:
    """Return what the yard's processes are told."""
    secrets = dict.fromkeys(("database_url", "broker_url", "secret_key", "flower_secret"), "x")
    return variables(choices=choices, **secrets)


def names(choices: Choices) -> list[str]:
    """Return the processes that the yard starts."""
    surroundings = environment(choices=choices, noted=noted(choices))
    return [program.name for program in platform(choices=choices, environment=surroundings, now=NOW)]


NOW = datetime(2026, 11, 3, tzinfo=UTC)


def test_relay_of_the_environment_takes_the_place_of_the_catcher(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in RELAY.items():
        monkeypatch.setenv(name, value)
    choices = choose()
    assert {name: value for name, value in noted(choices).items() if name.startswith("MAIL_")} == RELAY
    assert "mail-catcher" not in names(choices)
    told = welcome(choices=choices, seconds=6)
    assert "leaves by smtp.university.example, sign-in codes too" in told
    assert "/mailbox/" not in told
    assert "s3cr3t" not in f"{told}{choices}"


def test_catcher_is_asked_for_no_sign_in_that_is_meant_for_a_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SIGN_IN.items():
        monkeypatch.setenv(name, value)
    choices = choose()
    told = noted(choices)
    assert (told["MAIL_RELAY_HOST"], told["MAIL_RELAY_TLS"], told["MAIL_RELAY_USER"]) == (
        "127.0.0.1",
        "none",
        "",
    )
    assert names(choices)[-1] == "mail-catcher"
    assert "/mailbox/" in welcome(choices=choices, seconds=6)
