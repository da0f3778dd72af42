"""Mails with attachments: our mail writer, Django's EmailMessage in its two usages, and a bare socket.

All send in turns from threads of this process to sinks in others: by default 0 and 5 MB at both delays and
numbers of connections, 1 and 10 MB and TLS at one combination each. Ratios are taken within a round, and
the median of all rounds is told. A sample of each sender's mails is read back first. The platform's ledger
is not part of it. Large mails need both processors, small ones hardly any: on a machine with other work the
penalty grows with the load, which is told.

BENCH_ALL=1 measures all combinations, BENCH_ROUNDS (3) and BENCH_SECONDS (1.0, for each measurement) set
the effort, BENCH_MEMORY_MAILS (1000) the mails of the memory run.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.stage.settings"

import django

django.setup()

from emails.smtp.heads import Mailbox, letterhead  # noqa: E402  (Django comes first)
from emails.smtp.spool import Spool  # noqa: E402
from tests.benchmarks.post import reading  # noqa: E402
from tests.benchmarks.post.certificate import write_certificate  # noqa: E402
from tests.benchmarks.post.senders import SENDERS, Sender  # noqa: E402
from tests.benchmarks.post.sinks import Sink, compiled, plain_sink, tls_sink  # noqa: E402

ALL = os.environ.get("BENCH_ALL") == "1"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "1.0"))
MEMORY_MAILS = os.environ.get("BENCH_MEMORY_MAILS", "1000")
MEGABYTE = 1 << 20
SIZES, DELAYS, CONNECTIONS = (0, 1, 5, 10), (0, 20), (1, 16)


class Case(NamedTuple):
    """One combination of what is measured."""

    sender: str
    megabytes: int
    delay_milliseconds: int
    connections: int
    is_tls: bool

    def __str__(self) -> str:
        """Return it as a key of the figures."""
        tls = "tls" if self.is_tls else "plain"
        return f"{self.sender}_{self.megabytes}mb_{self.delay_milliseconds}ms_{self.connections}_{tls}"


def cases() -> list[Case]:
    """Return what is measured, so that what is compared is measured within seconds."""
    found = [Case(*given) for given in product(SENDERS, SIZES, DELAYS, CONNECTIONS, (False, True))]
    usual = [case for case in found if ALL or _is_usual(case)]
    return sorted(
        usual, key=lambda case: (case.delay_milliseconds, case.connections, case.is_tls, case.megabytes)
    )


def _is_usual(case: Case) -> bool:
    where = (case.delay_milliseconds, case.connections)
    if case.sender == "socket":
        return not case.is_tls and case.megabytes == 5 and where == (0, 1)
    if case.is_tls:
        return case.sender != "django_fresh" and case.megabytes in {0, 5} and where == (20, 16)
    if case.sender == "ours":
        return case.megabytes in {0, 5} or where == (20, 16)
    return case.megabytes == 0 or (case.megabytes == 5 and where in {(0, 1), (20, 16)})


def sinks(stack: ExitStack, folder: Path, certificate: Path) -> dict[tuple[bool, int], Sink]:
    """Start a sink for each transport and delay."""
    program = compiled(folder)
    found = {}
    for delay in DELAYS:
        plain = plain_sink(program=program, folder=folder, delay_milliseconds=delay)
        tls = tls_sink(certificate=certificate, folder=folder, delay_milliseconds=delay)
        found[False, delay] = stack.enter_context(plain)
        found[True, delay] = stack.enter_context(tls)
    return found


def measure(senders: dict[Case, Sender]) -> dict[Case, list[float]]:
    """Let all take turns, and return the rates of each by round."""
    rates: dict[Case, list[float]] = {case: [] for case in senders}
    for _ in range(ROUNDS):
        for case, sender in senders.items():
            rates[case].append(sender.run(connections=case.connections, seconds=SECONDS))
    for case, found in rates.items():
        each = ", ".join(f"{rate:.1f}" for rate in found)
        print(f"{case!s:36} {statistics.median(found):9.1f} mails/s  (of {each})")
    return rates


def ratio(rates: dict[Case, list[float]], over: Case, under: Case) -> float:
    """Return the median over the rounds of one rate divided by the other."""
    return round(statistics.median(a / b for a, b in zip(rates[over], rates[under], strict=True)), 2)


def ratios(rates: dict[Case, list[float]]) -> Iterator[tuple[str, float]]:
    """Yield what the figures come down to."""
    ours, small = Case("ours", 5, 20, 16, is_tls=False), Case("ours", 0, 20, 16, is_tls=False)
    alone = Case("ours", 5, 0, 1, is_tls=False)
    yield "penalty_5mb", ratio(rates, small, ours)
    yield "vs_django_5mb", ratio(rates, ours, ours._replace(sender="django_shared"))
    yield "vs_django_fresh_5mb", ratio(rates, ours, ours._replace(sender="django_fresh"))
    yield "vs_socket_5mb", ratio(rates, alone, alone._replace(sender="socket"))
    yield "vs_django_0mb", ratio(rates, small, small._replace(sender="django_shared"))
    yield "vs_django_fresh_0mb", ratio(rates, small, small._replace(sender="django_fresh"))
    yield "penalty_10mb", ratio(rates, small, ours._replace(megabytes=10))
    yield "penalty_5mb_tls", ratio(rates, small._replace(is_tls=True), ours._replace(is_tls=True))
    django = small._replace(sender="django_shared")
    yield "django_penalty_5mb", ratio(rates, django, django._replace(megabytes=5))


def memory(sink: Sink, folder: Path, *, connections: int) -> dict[str, Any]:
    """Return the peak of a process that sends 10 MB to many, over what it took before."""
    home = folder / f"memory-{connections}"
    home.mkdir()
    given = [str(sink.port), str(home), "10", MEMORY_MAILS, str(connections)]
    command = [sys.executable, "-m", "tests.benchmarks.post.memory", *given]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    print(f"memory, 10 MB to {told['mails']} over {connections}: {told['peak_mib']} MiB at the peak")
    return told


def head_milliseconds() -> float:
    """Return how long the head and the text of a usual mail take: the median of a thousand."""
    shared = letterhead(sender=Mailbox(name="Universität Zürich", address="careers@x.example"))
    text = "Liebe Ana,\n\nwir laden Sie zur Messe am 3. März ein. " * 40
    took = []
    for number in range(1000):
        began = time.perf_counter()
        to = Mailbox(name=f"Ana Öz {number}", address="ana@x.example")
        subject, now = f"Messe für Ana {number}", datetime(2026, 11, 3, 10, 42, tzinfo=UTC)
        shared.compose(to=to, subject=subject, text=text, message_id="<1@x>", now=now)
        took.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(took), 3)


def main() -> None:
    """Measure all and print one line of JSON last."""
    started, load = time.monotonic(), os.getloadavg()[0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="switchyard-bench-mail-")))
        certificate = write_certificate(folder)
        os.environ["SSL_CERT_FILE"] = str(certificate)  # for Django's backend
        found = sinks(stack, folder, certificate)
        spool = Spool(folder=folder / "spool", budget_bytes=1 << 30)
        contents = {size: os.urandom(size * MEGABYTE) for size in SIZES}
        senders = {
            case: SENDERS[case.sender](
                found[case.is_tls, case.delay_milliseconds],
                contents[case.megabytes],
                certificate=certificate,
                spool=spool,
            )
            for case in cases()
        }
        paths = {case._replace(connections=1): sender for case, sender in senders.items()}
        samples = sum(reading.check(sender) for sender in paths.values())
        print(f"{samples} samples were read back byte for byte")
        rates = measure(senders)
        peaks = {str(count): memory(found[False, 0], folder, connections=count) for count in CONNECTIONS}
    figures: dict[str, Any] = {**dict(ratios(rates)), "head_milliseconds": head_milliseconds()}
    figures |= {"memory_10mb_mib": peaks["1"]["peak_mib"], "memory": peaks, "samples": samples}
    figures["mails_per_second"] = {
        str(case): round(statistics.median(rate), 1) for case, rate in rates.items()
    }
    figures["load_average"] = [round(load, 1), round(os.getloadavg()[0], 1)]
    figures["seconds"] = round(time.monotonic() - started)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
