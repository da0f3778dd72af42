"""The mails that the sink got, against the ledgers, the test mails and the codes of the database."""

from collections import Counter

from emails.models import Code, CodeState, Mailing, Recipient, RecipientState
from jobs.models import Job, JobState
from packets.models import Delivery
from tests.faults.deliveries_outside import judge_deliveries
from tests.faults.verdict import Verdict

WANTED = {
    RecipientState.ACCEPTED: (1, 1),
    RecipientState.UNCERTAIN: (0, 1),
    RecipientState.SENDING: (0, 1),
    RecipientState.WAITING: (0, 0),
    RecipientState.REFUSED: (0, 0),
}
"""The fewest and the most mails that a recipient in each state has."""
TEST = "<test-"

Arrived = Counter[tuple[str, str]]
"""How often each mail arrived, by Message-ID and address."""
Jobs = dict[int, tuple[int, str]]
"""Id and state of each mailing's job, by the mailing's id."""


def judge_mails(verdict: Verdict, *, arrived: Arrived, promised_codes: dict[str, int]) -> None:
    """Look at all mails; each of them belongs to a recipient, a packet, a test or a code."""
    # The mailings by themselves: each has the list of its students, which 20,000 copies would not fit.
    jobs = {
        mailing: (job, state)
        for mailing, job, state in Mailing.objects.values_list("pk", "job", "job__state")
    }
    rows = {row.message_id: row for row in Recipient.objects.defer("merge_values")}
    _judge_recipients(verdict, rows=rows, jobs=jobs, arrived=arrived)
    test_mails = Counter({key: count for key, count in arrived.items() if key[0].startswith(TEST)})
    _judge_tests(verdict, arrived=test_mails)
    delivered = set(Delivery.objects.values_list("message_id", flat=True))
    judge_deliveries(verdict, arrived=arrived)
    known = rows.keys() | delivered
    codes = Counter({key: arrived[key] for key in arrived if key[0] not in known and key not in test_mails})
    _judge_codes(verdict, arrived=codes, promised=promised_codes)
    verdict.compared["mails"] = arrived.total()


def _judge_recipients(verdict: Verdict, *, rows: dict[str, Recipient], jobs: Jobs, arrived: Arrived) -> None:
    """Each recipient has the mails that the ledger says, at their own address."""
    for row in rows.values():
        job, job_state = jobs[row.mailing_id]
        least, most = WANTED[RecipientState(row.state)]
        verdict.uncertain += row.state in {RecipientState.UNCERTAIN, RecipientState.SENDING}
        count = arrived[row.message_id, row.address.lower()]
        told = f"recipient {row.pk} of job {job} is {row.state} and has {count} mails"
        if count > most:
            verdict.doubled.append(told)
        is_left = row.state in {"waiting", "sending"} and job_state == JobState.DONE
        if count < least or is_left:
            verdict.lost.append(told)
    elsewhere = [key for key, to in arrived if key in rows and to != rows[key].address.lower()]
    verdict.wrong += [f"recipient {rows[key].pk}'s mail went to another address" for key in elsewhere]


def _judge_tests(verdict: Verdict, *, arrived: Arrived) -> None:
    verdict.repeated += sum(count - 1 for count in arrived.values())
    done = Job.objects.filter(kind="emails.test", state=JobState.DONE)
    missing = [job.pk for job in done if not any(key.startswith(f"{TEST}{job.pk}-") for key, _ in arrived)]
    verdict.lost += [f"test mail of job {pk} never arrived" for pk in missing]


def _judge_codes(verdict: Verdict, *, arrived: Arrived, promised: dict[str, int]) -> None:
    """What a page promised has a job; a job that is done has its mail, unless a newer code replaced it."""
    mails = Counter[str]()
    for (_, address), count in arrived.items():
        mails[address] += count
    for address in promised.keys() | mails.keys():
        jobs = Job.objects.filter(kind="emails.code", submitted_by__email=address)
        codes = Code.objects.filter(person__email=address)
        if jobs.count() < promised.get(address, 0):
            verdict.lost.append(
                f"{promised[address]} codes were promised to {address}, {jobs.count()} have a job"
            )
        sent = codes.filter(sent_at__isnull=False).count()
        if mails[address] < sent:
            verdict.lost.append(f"{sent} codes were sent to {address}, {mails[address]} arrived")
        if mails[address] and not codes.exists():
            verdict.wrong.append(f"{address} got {mails[address]} mails that nobody asked for")
        verdict.repeated += max(0, mails[address] - jobs.filter(state=JobState.DONE).count())
        _judge_newest(verdict, address=address, newest=codes.first())
    verdict.compared["codes"] = mails.total()


def _judge_newest(verdict: Verdict, *, address: str, newest: Code | None) -> None:
    """A person's newest code is not replaced, and has left when its job is done."""
    if newest is None:
        return
    job = Job.objects.get(kind="emails.code", arguments__code=newest.pk)
    if job.state == JobState.DONE and newest.state not in {CodeState.SENT, CodeState.USED}:
        verdict.lost.append(f"the newest code of {address} is {newest.state} though its job is done")
