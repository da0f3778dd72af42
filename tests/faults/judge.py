"""Compares the database with what the outside saw, once everything has come to rest."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from django.db.models import Count, Q, Sum

from emails.models import Recipient, RecipientState
from jobs.ending import MOST_DEATHS
from jobs.models import (
    ENDED_STATES,
    Attempt,
    AttemptOutcome,
    Job,
    JobState,
    Part,
    PartState,
    Share,
    StoredFile,
)
from jobs.settings import switchyard
from packets.models import Packet
from tests.faults.load import EFFECT_KINDS
from tests.faults.outside import effects, mails
from uploads.models import Student, Upload, UploadState

OPEN = (PartState.WAITING, PartState.DELAYED, PartState.HELD, PartState.WORKING)
SECOND = 0.01


@dataclass
class Verdict:
    """What was found."""

    lost: list[str] = field(default_factory=list)
    """Work that did not come to its end, or whose effect is missing outside."""
    doubled: list[str] = field(default_factory=list)
    """Effects that happened twice."""
    wrong: list[str] = field(default_factory=list)
    """Figures that do not add up."""
    uncertain: int = 0
    """Recipients of whom nobody knows, and who are shown so."""
    set_aside: int = 0
    """Parts that lost their worker three times."""
    repeated: int = 0
    """Codes and test mails that were sent again after a doubt: their honest limit."""

    @property
    def complaints(self) -> list[str]:
        """Everything that must not be."""
        return [*self.lost, *self.doubled, *self.wrong]


def judge(*, mail_record: Path, effects_folder: Path, promised_codes: dict[str, int]) -> Verdict:
    """Look at everything."""
    verdict = Verdict()
    _judge_jobs(verdict)
    _judge_counters(verdict)
    _judge_parts(verdict)
    _judge_shares(verdict)
    _judge_mail(verdict, arrived=mails(mail_record))
    _judge_codes(verdict, promised=promised_codes)
    _judge_effects(verdict, lines=effects(effects_folder))
    _judge_packets(verdict)
    _judge_uploads(verdict)
    return verdict


def _judge_jobs(verdict: Verdict) -> None:
    for job in Job.objects.exclude(state__in=[*ENDED_STATES, JobState.PAUSED]):
        states = Counter(job.parts.values_list("state", flat=True))
        verdict.lost.append(f"job {job.pk} {job.kind} is {job.state} with parts {dict(states)}")
    paused = Part.objects.filter(job__state=JobState.PAUSED).exclude(
        state__in=(*ended_states(), PartState.HELD)
    )
    verdict.wrong += [f"part {part.pk} of a paused job is {part.state}" for part in paused]


def ended_states() -> tuple[str, ...]:
    """Return the states of parts that have ended."""
    return tuple(state for state in PartState if state not in OPEN)


def _judge_counters(verdict: Verdict) -> None:
    counted = Job.objects.annotate(
        open_now=Count("parts", filter=Q(parts__state__in=OPEN)),
        done_now=Sum(
            "parts__units_done", filter=Q(parts__state__in=(PartState.DONE, PartState.FAILED)), default=0
        ),
        failed_now=Sum(
            "parts__units_failed", filter=Q(parts__state__in=(PartState.DONE, PartState.FAILED)), default=0
        ),
    )
    for job in counted:
        kept = (job.parts_open, job.units_done, job.units_failed)
        found = (job.open_now, job.done_now, job.failed_now)
        if kept != found:
            verdict.wrong.append(f"job {job.pk} {job.kind} {job.state} counts {kept}, its parts {found}")


def _judge_parts(verdict: Verdict) -> None:
    working = Part.objects.filter(state=PartState.WORKING)
    verdict.wrong += [f"part {part.pk} still works, leased until {part.leased_until}" for part in working]
    idle = Part.objects.filter(job__state__in=ENDED_STATES, state__in=OPEN).exclude(state=PartState.WORKING)
    verdict.lost += [f"part {part.pk} of an ended job is {part.state}" for part in idle]
    failed = Part.objects.filter(state=PartState.FAILED).exclude(job__kind__in=EFFECT_KINDS)
    for part in failed | Part.objects.filter(deaths__gte=MOST_DEATHS):
        lost = part.attempts.filter(outcome=AttemptOutcome.LOST).count()
        if part.deaths >= MOST_DEATHS and lost >= MOST_DEATHS:
            verdict.set_aside += 1
        else:
            verdict.lost.append(f"part {part.pk} {part.job.kind} failed: {part.error}")


def _judge_shares(verdict: Verdict) -> None:
    """A share holds its parts' seconds, and the charge of claims whose worker was lost."""
    for share in Share.objects.select_related("school"):
        parts = Part.objects.filter(lane=share.lane, school=share.school)
        seconds = parts.aggregate(seconds=Sum("seconds", default=0.0))["seconds"]
        if share.used_seconds < seconds / share.school.weight - SECOND:
            verdict.wrong.append(f"share {share} is {share.used_seconds:.2f}, its parts took {seconds:.2f} s")
        lost = Attempt.objects.filter(part__in=parts, outcome=AttemptOutcome.LOST).count()
        lane = switchyard().lanes[share.lane]
        charge = lane.part_seconds
        # Who comes back starts level with another, who may be charged in advance for parts at work.
        level = _highest_use(share.lane, charge=charge) + lane.workers * lane.claim_parts * charge
        if share.used_seconds > (seconds + lost * charge) / share.school.weight + level + SECOND:
            verdict.wrong.append(f"share {share} is {share.used_seconds:.2f}, too much by its parts")


def _highest_use(lane: str, *, charge: float) -> float:
    """Return the most that a school of the lane used, lost claims included."""
    used = Part.objects.filter(lane=lane).values("school__weight", "school").annotate(sum=Sum("seconds"))
    lost = Attempt.objects.filter(part__lane=lane, outcome=AttemptOutcome.LOST).count()
    return max((row["sum"] / row["school__weight"] for row in used), default=0) + lost * charge


def _judge_mail(verdict: Verdict, *, arrived: Counter[tuple[str, str]]) -> None:
    by_id = Counter({message_id: count for (message_id, _), count in arrived.items()})
    wanted = {
        RecipientState.ACCEPTED: (1, 1),
        RecipientState.UNCERTAIN: (0, 1),
        RecipientState.SENDING: (0, 1),
        RecipientState.WAITING: (0, 0),
        RecipientState.REFUSED: (0, 0),
    }
    for row in Recipient.objects.select_related("mailing__job"):
        least, most = wanted[RecipientState(row.state)]
        verdict.uncertain += row.state in {RecipientState.UNCERTAIN, RecipientState.SENDING}
        count = by_id[row.message_id]
        told = f"recipient {row.pk} of job {row.mailing.job_id} is {row.state} and has {count} mails"
        if count > most:
            verdict.doubled.append(told)
        elif count < least or (
            row.state in {"waiting", "sending"} and row.mailing.job.state == JobState.DONE
        ):
            verdict.lost.append(told)
    test_mails = {key: count for key, count in by_id.items() if key.startswith("<test-")}
    verdict.repeated += sum(count - 1 for count in test_mails.values())
    done = Job.objects.filter(kind="emails.test", state=JobState.DONE)
    missing = [job.pk for job in done if not any(key.startswith(f"<test-{job.pk}-") for key in test_mails)]
    verdict.lost += [f"test mail of job {pk} never arrived" for pk in missing]


def _judge_codes(verdict: Verdict, *, promised: dict[str, int]) -> None:
    for address, count in promised.items():
        found = Job.objects.filter(kind="emails.code", submitted_by__email=address).count()
        if found < count:
            verdict.lost.append(f"{count} codes were promised to {address}, {found} have a job")


def _judge_effects(verdict: Verdict, *, lines: list[list[str]]) -> None:
    acts = Counter(tuple(words[1:]) for words in lines if words[0] == "unit")
    verdict.doubled += [f"effect {key} happened {count} times" for key, count in acts.items() if count > 1]
    done = Part.objects.filter(job__kind__in=EFFECT_KINDS, step="work", state=PartState.DONE)
    for part in done:
        place = part.arguments["place"]
        acted = [
            (str(part.job_id), str(place), str(unit), str(part.fence)) in acts for unit in range(part.units)
        ]
        if not all(acted):
            verdict.lost.append(f"part {part.pk} is done but acted only {sum(acted)} of {part.units} times")
    finished = {words[1] for words in lines if words[0] == "finish"}
    ended = Job.objects.filter(kind__in=EFFECT_KINDS, state__in=(JobState.DONE, JobState.PROBLEMS))
    verdict.lost += [f"job {job.pk} ended without its finish" for job in ended if str(job.pk) not in finished]


def _judge_packets(verdict: Verdict) -> None:
    for packet in Packet.objects.filter(job__state__in=(JobState.DONE, JobState.PROBLEMS)):
        results = StoredFile.objects.filter(job=packet.job_id)
        if packet.result is None or not packet.result.content.storage.exists(packet.result.content.name):
            verdict.lost.append(f"packet {packet.pk} is done but has no file")
        elif packet.result.content.size != packet.result.size:
            verdict.wrong.append(f"the file of packet {packet.pk} has {packet.result.content.size} bytes")
        elif results.count() > 1:
            verdict.doubled.append(f"packet {packet.pk} has {results.count()} results")


def _judge_uploads(verdict: Verdict) -> None:
    imported = Upload.objects.filter(state=UploadState.IMPORTED)
    for school in {upload.school_id for upload in imported}:
        rows = sum(upload.new_rows for upload in imported if upload.school_id == school)
        students = Student.objects.filter(school=school, number__startswith="U").count()
        if rows != students:
            verdict.wrong.append(f"{rows} rows were imported into school {school}, it has {students}")
    done = Upload.objects.filter(import_job__state=JobState.DONE).exclude(state=UploadState.IMPORTED)
    verdict.lost += [f"the import of upload {upload.pk} is done but not noted" for upload in done]
