"""Reading the samples back: Python's parser must find what was meant, byte for byte."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from emails import merging
from tests.benchmarks.post.senders import BODY, FILE_NAME, SUBJECT, Sender, values
from tests.benchmarks.post.sinks import Sink

SAMPLES = 3
ADDRESS = "keep@x.example"


def check(sender: Sender) -> int:
    """Send some mails and compare what its sink kept with what was meant; return how many."""
    if sender.name == "socket":
        return 0
    for file in _kept(sender.sink):
        file.unlink()
    mails = sender.mails(address=ADDRESS)
    for _ in range(SAMPLES):
        next(mails)
    mails.close()  # type: ignore[attr-defined]  # they are generators
    kept = _kept(sender.sink)
    assert len(kept) >= SAMPLES, f"{sender.name}: the sink kept {len(kept)} mails"
    for number, file in enumerate(kept[:SAMPLES], start=1):
        _compare(file.read_bytes(), number=number, content=sender.content)
    return SAMPLES


def _kept(sink: Sink) -> list[Path]:
    files = sink.kept.glob("*.mail")
    return sorted(files, key=lambda file: int(file.stem))


def _compare(wire: bytes, *, number: int, content: bytes) -> None:
    assert wire.endswith(b"\r\n.\r\n")
    unstuffed = wire[:-3].replace(b"\r\n..", b"\r\n.")
    mail = message_from_bytes(unstuffed, EmailMessage, policy=policy.default)
    assert not mail.defects, mail.defects
    assert mail["Subject"] == merging.read(SUBJECT).fill(values(number))
    assert mail["To"].addresses[0].display_name == f"Ana Öz {number}"
    assert mail["From"].addresses[0].display_name == "Northfield, Career Office"
    body = mail.get_body()
    assert body is not None
    read = body.get_content().replace("\r\n", "\n").rstrip("\n")
    assert read == merging.read(BODY).fill(values(number)).rstrip("\n")
    files = [(part.get_filename(), part.get_payload(decode=True)) for part in mail.iter_attachments()]
    assert files == ([(FILE_NAME, content)] if content else [])
