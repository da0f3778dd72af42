"""How django-allauth fits in: nobody signs up alone, secrets are kept encrypted, the proxy is known."""

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from jobs import guessing
from jobs.clients import client_address, network_of
from jobs.models import Person
from switchyard.accounts import login_changes, second_steps

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

OWN_MESSAGES = "account/messages/"
"""What the library would say of signing in and out; we do not."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the package ships no types
    """Signing in, once everything that was asked for has been given."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """People are invited."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that our own proxy saw."""
        return client_address(request) or "0.0.0.0"  # noqa: S104  (unknown, as over a socket without addresses)

    def login(self, request: HttpRequest, user: "AbstractBaseUser") -> None:
        """Sign the person in, and note that they are known in this network."""
        super().login(request, user)
        if isinstance(user, Person):
            network = network_of(client_address(request))
            guessing.note_familiar(person=user, network=network, now=timezone.now())

    def respond_user_inactive(self, _request: HttpRequest, _user: "AbstractBaseUser") -> HttpResponse:
        """Say nothing of people who left."""
        return redirect("sign-in")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Show what concerns second steps."""
        if not (message_template or "").startswith(OWN_MESSAGES):
            super().add_message(request, level, message_template, *args, **kwargs)

    def send_notification_mail(
        self, template_prefix: str, user: "AbstractBaseUser", *_args: Any, **_kwargs: Any
    ) -> None:
        """Tell the person what was changed of their second steps, by a mail of ours that a worker sends."""
        if isinstance(user, Person):
            done = login_changes.DONE.get(template_prefix, login_changes.OTHERWISE)
            login_changes.tell(self.request, person=user, what=str(done), by=user)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask once more whoever has something to show; who comes by a school's sign-in alone has nothing."""
        if not self.get_reauthentication_methods(self.request.user):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the package ships no types
    """Second steps: an authenticator app, passkeys, recovery codes."""

    def encrypt(self, text: str) -> str:
        """Return `text` as the database keeps it: encrypted with a key made of SECRET_KEY."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what `encrypt` was given, also with one of SECRET_KEY_FALLBACKS."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Refuse to remove the last second step of a person who needs one."""
        return second_steps.may_go(authenticator)


def _cipher() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    digest = hashlib.blake2b(secret.encode(), digest_size=32, person=b"second steps").digest()
    return base64.urlsafe_b64encode(digest)
