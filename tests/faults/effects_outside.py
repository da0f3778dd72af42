"""What the fault suite's own kinds did outside, and that every job which was promised is there."""

from collections import Counter
from collections.abc import Collection

from jobs.models import Job, JobState, Part, PartState
from tests.faults.load import EFFECT_KINDS
from tests.faults.verdict import Verdict


def judge_promised(verdict: Verdict, *, jobs: Collection[int]) -> None:
    """Every job whose submission returned is in the database."""
    there = set(Job.objects.filter(pk__in=jobs).values_list("pk", flat=True))
    verdict.lost += [f"job {pk} was submitted and is not there" for pk in set(jobs) - there]


def judge_effects(verdict: Verdict, *, lines: list[list[str]]) -> None:
    """Each claim acted once, and who is done acted fully."""
    acts = Counter(tuple(words[1:]) for words in lines if words[0] == "unit")
    verdict.compared["effects"] = acts.total()
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
    # A job of which every part was refused has nothing to finish.
    ended = Job.objects.filter(pk__in=done.values("job"), state__in=(JobState.DONE, JobState.PROBLEMS))
    verdict.lost += [f"job {job.pk} ended without its finish" for job in ended if str(job.pk) not in finished]
