"""The pre-flight on the sender: what the DNS says of SPF, DKIM and DMARC, by a server of the test's own."""

import base64
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client

from emails import resolving
from emails.findings import Finding, Level
from emails.models import Mailing
from emails.sender_checks import check_sender
from tests.emails.names import NameServer

DOMAIN = "careers.northfield.edu"
KEY_NAME = f"s1._domainkey.{DOMAIN}"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def record_of(key: rsa.RSAPrivateKey) -> str:
    written = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(written).decode()}"


@pytest.fixture
def names(
    settings: Any, tmp_path: Path, key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> Iterator[NameServer]:
    """A DNS in which all is as it should be for our sender."""
    pem = tmp_path / "dkim.pem"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    settings.DEFAULT_FROM_EMAIL = f"Careers <office@{DOMAIN}>"
    set_mail(settings, dkim=[f"{DOMAIN}:s1:{pem}"])
    cache.clear()
    with closing(NameServer()) as server:
        server.texts = {
            DOMAIN: ["some other text", "v=spf1 ip4:192.0.2.1 -all"],
            KEY_NAME: [record_of(key)],
            f"_dmarc.{DOMAIN}": ["v=DMARC1; p=reject"],
        }
        monkeypatch.setattr(resolving, "resolver", server.resolver)
        yield server
    cache.clear()


def set_mail(settings: Any, **given: Any) -> None:
    settings.MAIL = {**django_settings.MAIL, **given}


def only() -> Finding:
    [finding] = check_sender()
    return finding


def test_sender_of_whom_all_is_published_is_fine(names: NameServer) -> None:
    assert only().level == Level.FINE


@pytest.mark.parametrize(
    ("name", "published", "said"),
    [
        (DOMAIN, [], "has no SPF record"),
        (DOMAIN, ["v=spf10 -all"], "has no SPF record"),
        (DOMAIN, ["v=spf1 -all", "v=spf1 +all"], "more than one SPF record"),
        (KEY_NAME, [], "is not published"),
        (KEY_NAME, ["v=DKIM1; p="], "is not the one that signs"),
        (KEY_NAME, ["v=DKIM1; p=AAAA"], "is not the one that signs"),
        (f"_dmarc.{DOMAIN}", [], "has no DMARC policy"),
    ],
)
def test_what_is_missing_is_a_warning(names: NameServer, name: str, published: list[str], said: str) -> None:
    names.texts[name] = published
    finding = only()
    assert finding.level == Level.WARN
    assert said in finding.says


def test_name_that_does_not_exist_publishes_nothing(names: NameServer) -> None:
    del names.texts[DOMAIN]
    assert "has no SPF record" in only().says


def test_key_of_another_pair_does_not_fit(names: NameServer) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    names.texts[KEY_NAME] = [record_of(other)]
    assert "is not the one that signs" in only().says


def test_mail_without_a_key_is_not_signed(names: NameServer, settings: Any) -> None:
    set_mail(settings, dkim=())
    assert "is not signed" in only().says


def test_keys_of_other_domains_are_looked_at_too(names: NameServer, settings: Any) -> None:
    pem = mail_key(settings)
    set_mail(settings, dkim=[f"{DOMAIN}:s1:{pem}", f"codes.northfield.edu:s2:{pem}"])
    assert "codes.northfield.edu is not published" in only().says


def test_key_of_another_domain_is_no_fault_of_this_mailing(names: NameServer, settings: Any) -> None:
    set_mail(settings, dkim=[*settings.MAIL["dkim"], f"codes.northfield.edu:s2:{mail_key(settings)}"])
    says = only().says
    assert "from codes.northfield.edu" in says
    assert "this mailing for junk" not in says


def test_dns_of_another_domain_is_asked_last_and_its_silence_hides_nothing(
    names: NameServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    only()
    ours = {*names.asked}
    set_mail(settings, dkim=[*settings.MAIL["dkim"], f"codes.elsewhere.org:s2:{mail_key(settings)}"])
    cache.clear()
    list(check_sender())
    foreign = "s2._domainkey.codes.elsewhere.org"
    assert list(dict.fromkeys(names.asked))[-1] == foreign
    assert {*names.asked} == {*ours, foreign}
    cache.delete(f"emails.texts.{foreign}")
    monkeypatch.setattr(resolving, "MOST_SECONDS", 0.2)
    names.is_silent = True
    assert only().level == Level.FINE


def mail_key(settings: Any) -> str:
    return str(settings.MAIL["dkim"][0]).rpartition(":")[2]


def test_policy_of_the_domain_above_holds(names: NameServer) -> None:
    del names.texts[f"_dmarc.{DOMAIN}"]
    names.texts["_dmarc.northfield.edu"] = ["v=DMARC1; p=none"]
    assert only().level == Level.FINE
    assert "_dmarc.edu" not in names.asked


def test_mail_for_which_nothing_speaks_is_refused_under_a_strict_policy(
    names: NameServer, settings: Any
) -> None:
    names.texts["bounces.elsewhere.org"] = ["v=spf1 -all"]
    set_mail(settings, bounces_to="bounces@bounces.elsewhere.org", dkim=())
    findings = list(check_sender())
    assert any("are told to refuse this mailing" in finding.says for finding in findings)
    assert {finding.level for finding in findings} == {Level.WARN}


@pytest.mark.parametrize(
    ("at", "tags", "refused"),
    [
        ("northfield.edu", "p=none; sp=reject", 1),
        ("northfield.edu", "p=reject; sp=none", 0),
        ("northfield.edu", "p=reject", 1),
        (DOMAIN, "p=none; sp=reject", 0),
        (DOMAIN, "p=quarantine; sp=none", 1),
    ],
)
def test_policy_of_the_domain_above_says_how_strict_it_is_for_those_below(
    names: NameServer, settings: Any, at: str, tags: str, refused: int
) -> None:
    del names.texts[f"_dmarc.{DOMAIN}"], names.texts[DOMAIN]
    names.texts[f"_dmarc.{at}"] = [f"v=DMARC1; {tags}"]
    set_mail(settings, dkim=())
    assert sum("told to refuse" in finding.says for finding in check_sender()) == refused


@pytest.mark.parametrize(("policy", "refused"), [("", 0), ("; aspf=s", 1)])
def test_return_path_of_a_sister_domain_aligns_unless_the_policy_is_strict(
    names: NameServer, settings: Any, policy: str, refused: int
) -> None:
    del names.texts[f"_dmarc.{DOMAIN}"]
    names.texts["_dmarc.northfield.edu"] = [f"v=DMARC1; p=quarantine{policy}"]
    names.texts["bounces.northfield.edu"] = ["v=spf1 -all"]
    set_mail(settings, bounces_to="bounces@bounces.northfield.edu", dkim=())
    assert sum("told to refuse" in finding.says for finding in check_sender()) == refused


def test_answers_are_kept(names: NameServer) -> None:
    only()
    asked = list(names.asked)
    assert only().level == Level.FINE
    assert names.asked == asked


def test_dns_that_does_not_answer_is_a_quiet_finding_and_asked_no_more(
    names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolving, "MOST_SECONDS", 0.2)
    names.is_silent = True
    finding = only()
    assert finding.level == Level.OPEN
    assert "could not be looked up" in finding.says
    assert set(names.asked) == {DOMAIN}


def test_what_was_answered_is_told_beside_what_was_not(
    names: NameServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names.texts[DOMAIN] = []
    only()
    cache.delete(f"emails.texts._dmarc.{DOMAIN}")
    monkeypatch.setattr(resolving, "MOST_SECONDS", 0.2)
    names.is_silent = True
    assert [finding.level for finding in check_sender()] == [Level.WARN, Level.OPEN]


def test_names_for_trying_things_out_are_not_asked_for(names: NameServer, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "careers@switchyard.example"
    assert only().level == Level.OPEN
    assert names.asked == []


def test_page_shows_it_and_the_mailing_can_be_sent(staff: Client, draft: Mailing, names: NameServer) -> None:
    names.texts = {}
    text = staff.get(f"/mailings/{draft.pk}/check/").content.decode()
    assert "has no SPF record" in text
    assert 'name="confirmed"' in text


def test_key_of_a_domain_above_counts_unless_the_policy_is_strict(names: NameServer, settings: Any) -> None:
    [entry] = django_settings.MAIL["dkim"]
    set_mail(settings, dkim=[entry.replace(DOMAIN, "northfield.edu")], bounces_to="b@sister.example")
    names.texts["sister.example"] = ["v=spf1 -all"]
    assert "northfield.edu is not published" in check_all()[0]
    names.texts["s1._domainkey.northfield.edu"] = names.texts[KEY_NAME]
    cache.clear()
    assert only().level == Level.FINE
    names.texts[f"_dmarc.{DOMAIN}"] = ["v=DMARC1; p=reject; adkim=s"]
    cache.clear()
    assert "Mail servers are told to refuse this mailing" in only().says


def check_all() -> list[str]:
    return [finding.says for finding in check_sender()]
