"""Sharing a packet with employers: a link for each recipient, which ends and can be revoked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.utils.crypto import salted_hmac

from jobs import guessing
from jobs.links import Links
from jobs.models import Person, StoredFile
from packets import recording
from packets.expiring import is_there
from packets.models import DisclosureWay, Packet, Share

LINKS = Links(salt="packets.share", page="packets:shared")
PASS_SALT = "packets.share.pass"  # noqa: S105 - it keeps signatures apart
PASS_LASTS = timedelta(minutes=30)
"""After the password was typed its page is good for so long."""


class WrongPassword(Exception):
    """It is not the password of the link."""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Who is to get a packet."""

    name: str
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What holds for the links of one form."""

    form_key: UUID
    """Of the form and its choices."""
    expires_at: datetime
    password: str = ""


@transaction.atomic
def make_links(
    packet: Packet, recipients: Sequence[Recipient], *, terms: Terms, by: Person, now: datetime
) -> list[Share]:
    """Make a link for each recipient; the same form again makes none and returns those of before.

    None works longer than the packet's file is kept.
    """
    Packet.objects.select_for_update().get(pk=packet.pk)
    if found := list(packet.shares.filter(form_key=terms.form_key)):
        return found
    # Made to be slow, so it is made once for all of them.
    password = make_password(terms.password) if terms.password else ""
    end = min(terms.expires_at, packet.kept_until) if packet.kept_until else terms.expires_at
    return list(
        Share.objects.bulk_create(
            Share(
                school_id=packet.school_id,
                packet=packet,
                form_key=terms.form_key,
                name=each.name,
                email=each.email,
                password=password,
                created_by=by,
                created_at=now,
                expires_at=end,
            )
            for each in recipients
        )
    )


def address_of(share: Share) -> str:
    """Return the address that opens the link; the settings must say where the platform is."""
    return LINKS.address(str(share.pk))


def share_of(token: str) -> Share | None:
    """Return the share whose link has this `token`; None when we did not make it, or its packet is gone."""
    number = LINKS.read(token)
    shares = Share.objects.select_related("school", "packet__result", "packet__school", "created_by")
    return shares.filter(pk=int(number)).first() if number else None


def file_of(share: Share, *, now: datetime) -> StoredFile | None:
    """Return what the link leads to at this moment; None when it is over, or the file is deleted."""
    is_open = share.is_open(now=now) and is_there(share.packet, now=now)
    return share.packet.result if is_open else None


def try_password(share: Share, password: str, *, network: str, now: datetime) -> str:
    """Return a pass for half an hour, which stands for the password.

    Raises:
        TooManyGuesses: a limit is reached; the password was not looked at.
        WrongPassword: it is not the one of the link.
    """
    taken = guessing.take_for_link(f"packets.share {share.pk}", network=network, now=now)
    if not check_password(password, share.password):
        raise WrongPassword
    taken.give_back()
    return TimestampSigner(salt=PASS_SALT).sign(_stands_for(share))


def lets_in(share: Share, given: str) -> bool:
    """Whether `given` is a pass for the link as its password is; a link without one needs none."""
    if not share.password:
        return True
    try:
        return bool(TimestampSigner(salt=PASS_SALT).unsign(given, max_age=PASS_LASTS) == _stands_for(share))
    except BadSignature:
        return False


def take(share: Share, file: StoredFile, *, now: datetime) -> bool:
    """Count and record that the recipient fetches `file`; return whether the link still works."""
    with transaction.atomic():
        if not share.count_download(now=now):
            return False
        recording.record(
            DisclosureWay.BY_LINK,
            packet=share.packet,
            file=file,
            by=recording.named(share.created_by),
            name=share.name,
            email=share.email,
            now=now,
        )
    return True


def _stands_for(share: Share) -> str:
    return f"{share.pk}-{salted_hmac(PASS_SALT, share.password, algorithm='sha256').hexdigest()}"
