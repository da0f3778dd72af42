"""Debian's postfix as a relay of the tests' own: own folders, own port, delivery into one Maildir."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 30
STOP_SECONDS = 20
MAILBOX_UID = 65534
UNWELCOME = "{{nobody@x.example=REJECT no such user}, {later@x.example=DEFER_IF_PERMIT come back}}"
GONE = "{{gone@x.example=error:5.1.1 no such mailbox}, {full@x.example=error:5.2.2 mailbox full}}"
"""Taken from us, and given back."""
SERVICES = {
    "cleanup": "unix n - n - 0 cleanup",
    "qmgr": "unix n - n 300 1 qmgr",
    "tlsmgr": "unix - - n 1000? 1 tlsmgr",
    "rewrite": "unix - - n - - trivial-rewrite",
    "bounce": "unix - - n - 0 bounce",
    "defer": "unix - - n - 0 bounce",
    "trace": "unix - - n - 0 bounce",
    "proxymap": "unix - - n - - proxymap",
    "error": "unix - - n - - error",
    "retry": "unix - - n - - error",
    "discard": "unix - - n - - discard",
    "virtual": "unix - n n - - virtual",
    "anvil": "unix - - n - 1 anvil",
    "postlog": "unix-dgram n - n - 1 postlogd",
}


def why_not() -> str:
    """Return why this machine cannot run it; nothing if it can."""
    if shutil.which("postfix") is None:
        return "this machine has no postfix"
    return "" if os.geteuid() == 0 else "postfix wants root"


@contextmanager
def running_postfix(*, home: Path, port: int, certificate: Path) -> Iterator[Path]:
    """Run it below `home`, which every user can enter, and yield the folder of what it delivered."""
    for name in ("etc", "queue", "data", "boxes"):
        (home / name).mkdir()
    shutil.chown(home / "data", "postfix")
    os.chown(home / "boxes", MAILBOX_UID, MAILBOX_UID)
    (home / "etc/main.cf").write_text(_main(home, certificate))
    smtpd = f"127.0.0.1:{port} inet n - n - - smtpd"
    services = [smtpd, *(f"{name} {rest}" for name, rest in SERVICES.items())]
    (home / "etc/master.cf").write_text("\n".join([*services, ""]))
    _postfix(home, "start")
    try:
        yield home / "boxes/all/new"
    finally:
        _postfix(home, "stop")
        _wait_for_the_end(home)


def _main(home: Path, certificate: Path) -> str:
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": home / "queue",
        "data_directory": home / "data",
        "maillog_file": home / "log",
        "maillog_file_prefixes": home,
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "myhostname": "relay.example",
        "mydestination": "",
        "mynetworks": "127.0.0.0/8",
        "alias_maps": "",
        "smtputf8_enable": "yes",
        "message_size_limit": "12000000",
        "virtual_mailbox_domains": "x.example",
        "virtual_mailbox_base": home / "boxes",
        "virtual_mailbox_maps": "regexp:{{/./ all/}}",
        "virtual_mailbox_limit": "0",
        "virtual_uid_maps": f"static:{MAILBOX_UID}",
        "virtual_gid_maps": f"static:{MAILBOX_UID}",
        "transport_maps": f"inline:{GONE}",
        "smtpd_reject_unlisted_recipient": "no",
        "smtpd_recipient_restrictions": f"check_recipient_access inline:{UNWELCOME}, permit",
        "smtpd_tls_security_level": "may",
        "smtpd_tls_chain_files": certificate,
    }
    return "".join(f"{name} = {value}\n" for name, value in settings.items())


def _postfix(home: Path, command: str) -> None:
    ran = subprocess.run(
        ["postfix", "-c", str(home / "etc"), command], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 0, f"{ran.stdout}{ran.stderr}"


def _wait_for_the_end(home: Path) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    lock = home / "queue/pid/master.pid"
    while lock.exists() and _is_alive(lock.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)


def _is_alive(pid: str) -> bool:
    return pid.strip().isdecimal() and Path(f"/proc/{pid.strip()}").exists()
