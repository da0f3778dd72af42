"""Requests of programs: a kind's own schema checks the arguments, its own verb submits the job."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs import keys, queries, timing
from jobs.asking import Asked, NothingHere, WrongArguments
from jobs.models import Job, Person, School
from jobs.registry import Kind, kind_named, kinds
from jobs.setting_fields import did_you_mean

NOT_OFFERED = gettext_lazy("Programs cannot ask for {kind!r}; they can ask for: {others}.")
NOT_LISTED = gettext_lazy("Programs cannot look for {kind!r}; they can look for: {others}.")


def offered_kinds() -> list[Kind]:
    """Return the kinds that programs can ask for, by name."""
    return [kind for kind in kinds() if kind.api_arguments is not None]


def request(
    *,
    kind: str,
    school: School,
    by: Person | None,
    key: str,
    arguments: Mapping[str, Any],
    after: Sequence[int] = (),
    **options: Any,
) -> tuple[Job, bool]:
    """Ask `kind` for a job and return it, and whether it is new; `after` holds ids of jobs to follow.

    Of several calls with the same key, also at the same moment, exactly one is told that the job is new.
    A time that cannot be used refuses a new job only, so that a repetition always finds its own.

    Raises:
        WrongArguments: the kind, its arguments or its times cannot be used.
        NothingHere: an id leads to nothing of the school.
        Refused: the kind's own verb refuses it as things stand.
        KeyTaken, CannotFollow: as `jobs.submission.submit_many`.
    """
    offered = {one.name: one for one in offered_kinds()}
    declared = offered[kind].api_arguments if kind in offered else None
    if declared is None:
        raise WrongArguments({"kind": _not_among(kind, offered, said=str(NOT_OFFERED))})
    if not Job.objects.filter(school=school, kind=kind, key=key).exists():
        timing.check(not_before=options.get("not_before"), deadline=options.get("deadline"))
    asked = Asked(
        school=school,
        by=by,
        key=key,
        arguments=declared.read(arguments),
        options={**options, "after": jobs_to_follow(after, school=school)},
    )
    with transaction.atomic():
        job = kind_named(kind).request(asked)
        require_same(job, **asked.options)
    return job, job.is_new


def require_same(job: Job, *, after: Sequence[Job], **options: Any) -> None:
    """Refuse `options` that are not those with which `job`, if it was there before, was asked for.

    A title that is left out means whichever it has.

    Raises:
        KeyTaken: they are others; says which.
    """
    if not job.is_new:
        keys.require_same(job, after=after, followed=list(job.after.all()), **options)


def listed_jobs(school: School, *, kind: str = "") -> QuerySet[Job]:
    """Return the jobs that programs of `school` find: those that its people find in their list.

    Raises:
        WrongArguments: `kind` is none of those.
    """
    listed = {one.name: one for one in kinds() if one.is_on_home}
    if kind and kind not in listed:
        raise WrongArguments({"kind": _not_among(kind, listed, said=str(NOT_LISTED))})
    return queries.listed_in(school)


def _not_among(kind: str, known: Mapping[str, Kind], *, said: str) -> str:
    return said.format(kind=kind, others=", ".join(known) or "none") + did_you_mean(kind, known)


def jobs_to_follow(ids: Sequence[int], *, school: School) -> list[Job]:
    """Return the jobs of the school that `ids` name.

    Raises:
        NothingHere: one of them is none of the school.
    """
    jobs = {job.pk: job for job in Job.objects.filter(school=school, pk__in=ids)} if ids else {}
    for pk in ids:
        if pk not in jobs:
            message = _("There is no job {pk} in your school to follow.").format(pk=pk)
            raise NothingHere(message)
    return [jobs[pk] for pk in ids]
