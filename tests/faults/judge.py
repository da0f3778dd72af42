"""Compares the database with what the outside saw, once everything has come to rest."""

from collections import Counter
from datetime import timedelta

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from jobs import canaries
from jobs.losing import MOST_DEATHS
from jobs.models import (
    ENDED_STATES,
    AttemptOutcome,
    Detour,
    Job,
    JobState,
    Part,
    PartState,
    School,
    Share,
)
from jobs.settings import switchyard
from tests.faults import effects_outside, files_outside, mails_outside, told_outside
from tests.faults.deliveries_outside import is_explained
from tests.faults.load import EFFECT_KINDS, Load
from tests.faults.outside import effects, mails
from tests.faults.verdict import Verdict
from tests.faults.world import World

OPEN = (PartState.WAITING, PartState.DELAYED, PartState.HELD, PartState.WORKING)
SECOND = 0.01
CANARY = timedelta(seconds=30)
"""A canary that waits longer does not come any more."""


def judge(*, world: World, load: Load) -> Verdict:
    """Look at everything: at the database itself, then at it beside what `world` saw of `load`."""
    verdict = Verdict()
    _judge_jobs(verdict)
    _judge_counters(verdict)
    _judge_parts(verdict)
    judge_shares(verdict)
    effects_outside.judge_promised(verdict, jobs=load.jobs)
    effects_outside.judge_effects(verdict, lines=effects(world.folder))
    mails_outside.judge_mails(verdict, arrived=mails(world.mail_record), promised_codes=load.codes)
    told_outside.judge_told(verdict, messages=world.receiver.messages)
    files_outside.judge_packets(verdict)
    files_outside.judge_uploads(verdict, school=load.offices.uploading.school, files=load.sisters.uploads)
    return verdict


def _judge_jobs(verdict: Verdict) -> None:
    left = Job.objects.exclude(state__in=[*ENDED_STATES, JobState.PAUSED])
    # Canaries come and go while we look; one that waits for long was lost like any other job.
    for job in left.exclude(kind=canaries.KIND, created_at__gt=timezone.now() - CANARY):
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
    counted = Job.objects.exclude(kind=canaries.KIND).annotate(
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
    ours = Part.objects.exclude(job__kind=canaries.KIND)
    working = ours.filter(state=PartState.WORKING)
    verdict.wrong += [f"part {part.pk} still works, leased until {part.leased_until}" for part in working]
    idle = ours.filter(job__state__in=ENDED_STATES, state__in=OPEN).exclude(state=PartState.WORKING)
    verdict.lost += [f"part {part.pk} of an ended job is {part.state}" for part in idle]
    failed = Part.objects.filter(state=PartState.FAILED).exclude(job__kind__in=EFFECT_KINDS)
    for part in failed | Part.objects.filter(deaths__gte=MOST_DEATHS):
        lost = part.attempts.filter(outcome=AttemptOutcome.LOST).count()
        if part.deaths >= MOST_DEATHS and lost >= MOST_DEATHS:
            verdict.set_aside += 1
        elif part.job.kind != "packets.mail" or not is_explained(part.arguments):
            verdict.lost.append(f"part {part.pk} {part.job.kind} failed: {part.error}")


def judge_shares(verdict: Verdict) -> None:
    """A share holds its own parts' seconds, and no more than all claims of its lane were ever charged.

    A part that moved aside with its job took its earlier seconds along, and left the charge: lanes between
    which jobs moved are one here.
    """
    # The platform's own parts are canaries, which are deleted.
    for share in Share.objects.exclude(school=School.objects.platform()).select_related("school"):
        lanes = _moved_between(share.lane)
        parts = Part.objects.filter(lane__in=lanes)
        used = _sum(Share.objects.filter(lane__in=lanes, school=share.school), "used_seconds")
        seconds = _sum(parts.filter(school=share.school), "seconds") / share.school.weight
        longest = max(switchyard().lanes[lane].part_seconds for lane in lanes)
        charged = _sum(parts, "seconds") + _sum(parts, "fence") * longest
        if used < seconds - SECOND or share.used_seconds > charged + SECOND:
            told = f"its parts took {seconds:.2f} s, the lane {charged:.2f} s at most"
            verdict.wrong.append(f"share {share} is {used:.2f}, {told}")


def _moved_between(lane: str) -> set[str]:
    moves = Detour.objects.filter(Q(home=lane) | Q(lane=lane)).values_list("home", "lane")
    return {lane}.union(*moves)


def _sum(rows: QuerySet[Part] | QuerySet[Share], field: str) -> float:
    return float(rows.aggregate(sum=Sum(field, default=0))["sum"])
