"""Addresses that a school gives us: none leads into a private network, in whatever form it is written."""

import socket
from typing import Any

import pytest

from jobs.addresses import HostUnknown, PrivateAddress, WrongAddress, is_public, read_address, resolve


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://017700000001/",
        "http://0.0.0.0/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::]/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[fe80::1]/",
        "http://[fe80::1%25lo]/",
        "http://[fc00::1]/",
        "http://[ff02::1]/",
        "http://[2002:7f00:1::]/",
        "http://[64:ff9b::7f00:1]/",
        "http://localhost/",
        "http://LOCALHOST./",
    ],
)
def test_private_address_is_refused_in_each_form(url: str) -> None:
    with pytest.raises(PrivateAddress, match="private network"):
        resolve(read_address(url))


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_address_is_let_through(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize(
    "ip", ["::ffff:192.168.0.1", "2002:a00:1::1", "192.0.2.1", "2001:db8::1", "240.0.0.1"]
)
def test_special_address_is_not_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://example.edu/", "begins with https"),
        ("file:///etc/passwd", "cannot be read"),
        ("example.edu/hooks", "cannot be read"),
        ("https://sam:secret@example.edu/", "Leave out the name"),
        ("https://exa mple.edu/", "without spaces"),
        ("https://example.edu\\@10.0.0.1/", "without spaces and backslashes"),
        ("https://example.edu/\r\nX: y", "without spaces"),
        ("https://example.edu:99999/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
        ("https://-x-/", "cannot be read"),
    ],
)
def test_what_we_cannot_call_is_refused_with_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(WrongAddress, match=sentence):
        read_address(url)


def test_address_is_read_in_its_parts() -> None:
    address = read_address("https://Bücher.example:8443/a b?x=é&y=1#top".replace(" ", "%20"))
    assert (address.host, address.port) == ("xn--bcher-kva.example", 8443)
    assert address.path == "/a%20b?x=%C3%A9&y=1"
    assert address.host_header == "xn--bcher-kva.example:8443"
    assert read_address("https://[2606:4700::1111]/").host_header == "[2606:4700::1111]"


def test_host_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Any] = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("8.8.8.8", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
    address = read_address("https://example.edu/")
    with pytest.raises(PrivateAddress):
        resolve(address)
    assert resolve(address, allowed_private_hosts=["example.edu"]) == ["8.8.8.8", "10.0.0.1"]


def test_host_that_nobody_knows_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(HostUnknown, match="is not known"):
        resolve(read_address("https://example.edu/"))
