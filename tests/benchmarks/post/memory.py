"""How much memory many mails with a large attachment take: a process of its own, which tells its peak.

`python memory.py PORT FOLDER MEGABYTES MAILS CONNECTIONS`: prints one line of JSON.
"""

import hashlib
import json
import os
import sys
import threading
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.stage.settings"

import django

django.setup()

from emails.smtp.spool import Spool  # noqa: E402  (Django comes first)
from emails.smtp.tails import Enclosed  # noqa: E402
from tests.benchmarks.post.senders import FILE_NAME, Ours  # noqa: E402
from tests.benchmarks.post.sinks import Sink  # noqa: E402

KIBIBYTE = 1024
BLOCK_BYTES = 1 << 20


class FromFile(Ours):
    """Ours with an attachment that lies in a file, as in the platform."""

    file: Path
    digest: str
    """As the platform stored it with the file."""

    def _enclosed(self) -> Enclosed:
        return Enclosed(
            sha256=self.digest,
            size=self.file.stat().st_size,
            name=FILE_NAME,
            media_type="application/pdf",
            open=lambda: self.file.open("rb"),
        )


def status(name: str) -> float:
    """Return a figure of this process in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / KIBIBYTE
    raise KeyError(name)


def send(sender: Ours, count: int) -> None:
    """Send `count` mails over one connection."""
    mails = sender.mails(address="student@x.example")
    for _ in range(count):
        next(mails)
    mails.close()  # type: ignore[attr-defined]  # it is a generator


def main() -> None:
    """Send small mails, take the memory as the base, send large ones."""
    port, folder, megabytes, count, connections = sys.argv[1:]
    sink = Sink(port=int(port), is_tls=False, delay_milliseconds=0, kept=Path(folder))
    spool = Spool(folder=Path(folder) / "spool", budget_bytes=1 << 30)
    send(Ours(sink, b"", certificate=Path(), spool=spool), 500)
    file = Path(folder) / "attachment"
    digest = hashlib.sha256()
    with file.open("wb") as out:
        for _ in range(int(megabytes)):
            block = os.urandom(BLOCK_BYTES)
            digest.update(block)
            out.write(block)
    sender = FromFile(sink, b"x", certificate=Path(), spool=spool)
    sender.file, sender.digest = file, digest.hexdigest()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before, anonymous = status("VmRSS"), status("RssAnon")
    each = int(count) // int(connections)
    threads = [threading.Thread(target=send, args=(sender, each)) for _ in range(int(connections))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    peak, kept = status("VmHWM") - before, status("RssAnon") - anonymous
    print(
        json.dumps({"mails": each * int(connections), "peak_mib": round(peak, 1), "kept_mib": round(kept, 1)})
    )


if __name__ == "__main__":
    main()
