"""A relay that lets nobody send who has not signed in under TLS, as real ones do."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pytest_django.fixtures import Settings

from emails.models import Recipient
from emails.smtp.pool import pool
from jobs.models import Breaker, JobState
from jobs.testing import let_time_come, run_parts
from tests.emails.catcher import Catcher
from tests.emails.conftest import free_port
from tests.emails.people import A, B, C, Sent

MAP = Random(11).randbytes(400_003)
PASSWORD = "s3cr3t"


class Authenticator:
    """Lets one account in."""

    def __init__(self) -> None:
        """Have seen nobody."""
        self.signed_in = 0

    def __call__(
        self, _server: SMTP, session: Session, _envelope: Envelope, _mechanism: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        is_right = session.ssl is not None and given == LoginPassword(b"careers", PASSWORD.encode())
        self.signed_in += is_right
        return AuthResult(success=is_right, handled=is_right)


@pytest.fixture
def authenticator() -> Authenticator:
    return Authenticator()


@pytest.fixture
def guarded(settings: Settings, authority: Path, authenticator: Authenticator) -> Iterator[Catcher]:
    """The relay, and settings that suit it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    catcher = Catcher()
    controller = Controller(
        catcher,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        authenticator=authenticator,
        auth_required=True,
    )
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "careers", PASSWORD
    settings.EMAIL_TIMEOUT = 5
    settings.MAIL = {**settings.MAIL, "tls": "starttls", "ca_file": str(authority)}
    try:
        yield catcher
    finally:
        pool.close()
        controller.stop()


def arrived(catcher: Catcher) -> dict[str, list[bytes]]:
    """Return the files of each mail that it caught, by address."""
    return {
        to: [part.get_payload(decode=True) for part in mail.iter_attachments()] for to, mail in catcher.caught
    }


def test_mailing_goes_under_tls_after_one_sign_in(
    guarded: Catcher, sent: Sent, authenticator: Authenticator
) -> None:
    job = sent(map=MAP)
    run_parts(lane="bulk")
    job.refresh_from_db()
    assert (job.state, authenticator.signed_in) == (JobState.DONE, 1)
    assert arrived(guarded) == {A: [MAP], B: [MAP], C: [MAP]}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"EMAIL_HOST_PASSWORD": "wrong"}, "does not let us sign in: it answers 535"),
        (
            {"EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": ""},
            "wants what the settings do not give: 530 5.7.0 Authentication required",
        ),
    ],
)
def test_wrong_sign_in_is_told_and_loses_nothing(
    guarded: Catcher, sent: Sent, settings: Settings, wrong: dict[str, str], says: str
) -> None:
    right = {name: getattr(settings, name) for name in wrong}
    for name, value in wrong.items():
        setattr(settings, name, value)
    job = sent(map=MAP)
    run_parts(lane="bulk")
    assert says in job.parts.get(step="work").error
    assert says in Breaker.objects.get().last_failure
    assert set(Recipient.objects.values_list("state", flat=True)) == {"waiting"}
    assert guarded.caught == []
    for name, value in right.items():
        setattr(settings, name, value)
    let_time_come()
    run_parts(lane="bulk")
    assert arrived(guarded) == {A: [MAP], B: [MAP], C: [MAP]}


def test_settings_without_tls_are_told_and_lose_nothing(
    guarded: Catcher, sent: Sent, settings: Settings
) -> None:
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.MAIL = {**settings.MAIL, "tls": "none"}
    job: Any = sent(A)
    run_parts(lane="bulk")
    assert "530 Must issue a STARTTLS command first" in job.parts.get(step="work").error
    assert Recipient.objects.get().state == "waiting"
