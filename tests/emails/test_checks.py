"""The system checks of the mail settings: each names the setting and what to write."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from emails.checks import check_mail


def told(settings: Settings, **given: Any) -> list[tuple[str, str]]:
    settings.MAIL = {**settings.MAIL, **given}
    return [(str(error.id), f"{error.msg} {error.hint}") for error in check_mail()]


def test_settings_as_they_come_are_sound(settings: Settings) -> None:
    assert told(settings) == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"tls": "ssl"}, "Write one of none, starttls, implicit."),
        ({"idle_seconds": 0}, "Write a number greater than 0."),
        ({"link_days": 1e9}, "Write 36,600 at most."),
        ({"again_hours": 1e9}, "Write 8,784 at most, or 0 to look at nobody."),
        ({"again_hours": -1}, "or 0 to look at nobody."),
        ({"spool_megabytes": True}, "Write a number greater than 0."),
        ({"dkim": ["mail.example"]}, "domain:selector:file"),
        ({"ehlo_name": "mail careers"}, "Write a host's name such as mail.example.edu"),
        ({"ehlo_name": "bücher.example"}, "Write a host's name such as mail.example.edu"),
        ({"ehlo_name": "192.0.2.7"}, "an IP address in brackets"),
        ({"ehlo_name": "[192.0.2]"}, "an IP address in brackets"),
        ({"ehlo_name": "[IPv6:192.0.2.7]"}, "an IP address in brackets"),
        ({"ehlo_name": "mail.example\nRSET"}, "Write a host's name such as mail.example.edu"),
        ({"chunkin": True}, "Did you mean 'chunking'?"),
    ],
)
def test_value_that_cannot_work_is_named(settings: Settings, given: dict[str, Any], says: str) -> None:
    [(id_, text)] = told(settings, **given)
    assert id_ == "emails.E001"
    assert says in text


def test_user_without_a_password_is_named(settings: Settings) -> None:
    settings.EMAIL_HOST_USER = "careers"
    assert [id_ for id_, _ in told(settings)] == ["emails.E002"]


def test_password_may_not_travel_unencrypted(settings: Settings) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "careers", "s3cr3t"
    settings.EMAIL_HOST = "relay.example"
    [(id_, text)] = told(settings)
    assert (id_, "s3cr3t" in text) == ("emails.E003", False)
    assert told(settings, tls="starttls") == []


def test_authority_that_cannot_be_read_is_named(settings: Settings, tmp_path: Path) -> None:
    for content in (None, b"-----BEGIN NOTHING-----"):
        file = tmp_path / "authority.pem"
        if content:
            file.write_bytes(content)
        [(id_, text)] = told(settings, tls="starttls", ca_file=str(file))
        assert id_ == "emails.E008"
        assert f"MAIL['ca_file'] is '{file}'" in text
    assert told(settings, tls="none") == []


def test_password_that_python_cannot_send_is_named_and_not_told(settings: Settings) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "careers", "Grüezi"
    [(id_, text)] = told(settings)
    assert (id_, "Grüezi" in text) == ("emails.E009", False)


def test_spool_without_room_for_two_mailings_is_named(settings: Settings) -> None:
    [(id_, text)] = told(settings, spool_megabytes=10)
    assert id_ == "emails.E004"
    assert "Write at least 28" in text


def test_missing_signing_key_is_named(settings: Settings, tmp_path: Path) -> None:
    [(id_, text)] = told(settings, dkim=[f"mail.example:s1:{tmp_path}/none.pem"])
    assert id_ == "emails.E005"
    assert "none.pem" in text
