"""The kinds of job: each app registers its own with a decorator in its kinds.py."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from jobs.arguments import Arguments
from jobs.asking import Asked, Refused
from jobs.language import Words, gettext, gettext_lazy
from jobs.retries import ALL_AGAIN, ONLY_THE_REST, RetryPolicy
from jobs.rules import UNITS
from jobs.units import Units
from jobs.verbs import PartPlan, WorkingPart

if TYPE_CHECKING:
    from jobs.models import Job, Part, Person, StoredFile


class UnknownKind(Exception):
    """No app registered a kind of this name."""


class KindTaken(Exception):
    """Two classes register the same kind."""


class Kind:
    """A type of job. Subclass it in an app's kinds.py and register it by name.

    `work` may run twice for the same part (its worker died, or lost its lease), so it must find
    out what is already done. A kind without `plan` has one part; without `finish` nothing follows.
    """

    name: ClassVar[str]
    """Set by `register`, for example `emails.mailing`."""
    label: ClassVar[Words]
    """What pages call a job of this kind, for example "Mass mail"."""
    unit: ClassVar[str]
    """What pages call its units, in the plural: "mails", "documents", "rows"."""
    arguments: ClassVar[type[Arguments]] = Arguments
    """What a job of the kind has as its arguments: ids and numbers; no submission with others is taken."""
    service: ClassVar[str] = ""
    """The outside service on whose limits its work draws, as SWITCHYARD['services'] names it."""
    sizes: ClassVar[Mapping[str, str]] = {}
    """Sizes besides `units` that its jobs tell when submitted: unit by name, such as `bytes`."""
    goes_on: ClassVar[bool] = False
    """Whether a part that is given back between two units goes on there: none holds a worker for long."""
    left: ClassVar[Words] = gettext_lazy("not done")
    """What pages say of the units that an ended job left."""
    is_whole: ClassVar[bool] = False
    """Whether a job is done as a whole or not at all: when it is stopped, nothing of it stays."""
    skips: ClassVar[bool] = False
    """Whether units may turn out not to be wanted: parts report them as done, `counted` tells them apart."""
    time_limit_seconds: ClassVar[float] = 300
    """Seconds after which a part's lease is no longer extended."""
    is_routed: ClassVar[bool] = True
    """Whether the routes lead its jobs; the platform's own kinds choose their lane."""
    looks_at_all_schools: ClassVar[bool] = False
    """Whether its work needs rows of other schools than its job's, as only the platform's own does."""
    is_on_home: ClassVar[bool] = True
    """Whether home lists its jobs; a sign-in code is nothing that a school follows up."""
    is_told: ClassVar[bool] = True
    """Whether who asked for a job that home lists is told of its end."""
    is_announced: ClassVar[bool] = True
    """Whether the school's webhooks are told when its jobs end."""
    carries: ClassVar[str] = ""
    """How it tells subscribers of the status page: by `mail` or `webhook`; empty for other work."""
    goes_like: ClassVar[str] = ""
    """The kind whose lane its jobs take, where no rule leads them by themselves."""
    retry: ClassVar[RetryPolicy] = RetryPolicy()
    starts_over: ClassVar[bool] = False
    """Whether a retry plans the job anew and does all of it again, not only what did not get done."""
    retry_label: ClassVar[Words] = gettext_lazy("Try again what failed")
    """What the button of a retry says."""
    finish_does: ClassVar[Words] = gettext_lazy("finishes it")
    """What pages say that its `finish` does, when that fails: "joins the documents into one PDF"."""
    no_result: ClassVar[Words] = gettext_lazy("Its last step failed, so there is no result.")
    """What pages say first of a job whose `finish` failed: what is missing, as a sentence."""
    panel_template: ClassVar[str] = "jobs/panel.html"
    """Template shown on the job page below the state, with the context of `panel` and the `standing`."""
    figures_template: ClassVar[str] = ""
    """Figures of the `standing` within the panel, in an element `id="figures"`, renewed together with it."""
    api_arguments: ClassVar[type[Arguments] | None] = None
    """What a program sends to ask for a job of this kind; None when programs cannot."""

    def request(self, asked: Asked) -> "Job":
        """Do what a person would do on the app's page; return the job with the key `asked.key`, each time.

        Raises:
            NothingHere: an id of the arguments leads to nothing of the school.
            WrongArguments: an argument cannot be used.
            Refused: it cannot be done as things stand.
            KeyTaken: the key belongs to another request.
        """
        raise NotImplementedError

    def plan(self, job: "Job") -> Iterable[PartPlan]:
        """Cut the job into parts; cheap, and without effect outside."""
        raise NotImplementedError

    def cut_anew(self, job: "Job", parts: Sequence["Part"]) -> Sequence[PartPlan]:  # noqa: ARG002 - as below
        """Return fewer parts for all units of `parts`, as the plan would cut them now; none where it is fine.

        They wait, nobody has begun them, and they follow each other in the job. Asked when limits changed.
        """
        return ()

    def work(self, part: WorkingPart) -> None:
        """Do one part.

        Raises:
            PermanentFailure: it can never succeed; the sentence is shown to the person.
            TemporaryFailure: it may succeed later and is tried again by the kind's `retry`.
            NotNow: it is to be done at a later time, and this was no attempt.
        """
        raise NotImplementedError

    def finish(self, job: "Job") -> None:
        """Run once, after the last part ended; runs again only if its worker died on the way."""
        raise NotImplementedError

    def finish_part(self, part: WorkingPart) -> None:
        """Do `finish` as the part that it is; a kind that takes long over it checks for the end meanwhile."""
        self.finish(part.job)

    def is_beyond_retry(self, job: "Job") -> bool:  # noqa: ARG002 - a kind that knows better asks the job
        """Say whether a retry of an ended job could change nothing, whatever failed; cheap: pages ask it."""
        return False

    def can_revive(self, job: "Job") -> bool:  # noqa: ARG002 - a kind that revives something asks the job
        """Say whether `revive` has something to do for an ended job; cheap: pages ask it."""
        return False

    def revive(self, job: "Job") -> Iterable[PartPlan]:  # noqa: ARG002 - as above
        """Return parts for units that failed within parts that were done; runs in the retry's transaction.

        Parts that failed or were stopped are offered again beside them, as they are. A kind that
        `starts_over` makes its own rows ready and returns nothing: the plan follows.
        """
        return ()

    def allow_uncertain(self, job: "Job", *, by: "Person | None", program: str = "") -> None:  # noqa: ARG002 - as above
        """Let the retry that follows in this transaction do also units that may have been done before.

        Raises:
            Refused: units of this kind are never uncertain.
        """
        message = gettext("{kind}: no {unit} of “{job}” can be uncertain; retry it without them.").format(
            kind=self.label, unit=self.unit, job=job
        )
        raise Refused(message)

    def done_before(self, job: "Job", parts: Sequence["Part"]) -> Mapping[int, int]:  # noqa: ARG002 - as above
        """Return by part id the units of `parts` that are done already, though a retry offers them again.

        Pages tell them until a worker of the part reports. A kind that does all of a part again has none.
        """
        return {}

    def discard(self, job: "Job") -> None:
        """Throw away what a failed or stopped job left, none of it at work; once more if supervision died."""

    def prune(self, job: "Job", *, most: int) -> int:  # noqa: ARG002 - as above
        """Delete the kind's own rows of a job whose time is over, `most` at the most; return how many.

        Fewer than `most` say that nothing is left: then the job itself is deleted.
        """
        return 0

    def prune_leftovers(self, *, now: datetime, most: int) -> int:  # noqa: ARG002 - as above
        """Delete at most `most` rows that outlived their pruned jobs and are over `now`; return how many."""
        return 0

    def note_download(self, file: "StoredFile", *, by: "Person | None", program: str = "") -> None:
        """Note who gets a result file, before it is handed out; `jobs.files.NotKept` keeps it from that."""

    def mails_itself(self, job: "Job") -> bool:  # noqa: ARG002 - as above
        """Say whether the kind's own mail tells who asked what became of the job: then no other one does."""
        return False

    def panel(self, job: "Job") -> Mapping[str, Any]:
        """Return what the kind's own panel on the job page shows."""
        return {"job": job}

    def counted(
        self,
        reported: Mapping["Job", Units],  # noqa: ARG002 - a kind with a count of its own needs them
        *,
        at_work: Container[int],  # noqa: ARG002 - as above
    ) -> Mapping[int, Units]:
        """Return by job id truer units than what parts `reported`, where the kind knows them; pages ask it.

        `at_work` holds the ids of the jobs of which parts are at work.
        """
        return {}

    def first_reasons(self, jobs: Sequence["Job"]) -> Mapping[int, str]:  # noqa: ARG002 - others need them
        """Return by job id the first reason why units of done parts failed, without personal data."""
        return {}

    def remarks(self, *, now: datetime) -> Sequence[str]:  # noqa: ARG002 - as above
        """Return what ops are told of the outside service that its work needs, as sentences; cheap."""
        return ()

    def total_bytes(self, sizes: Mapping[str, int]) -> int:
        """Return the bytes that all units of a job of these sizes have together; costs go by it."""
        return sizes.get("bytes", 0)

    @property
    def all_sizes(self) -> Mapping[str, str]:
        """All sizes that rules may look at in its jobs: unit by name, in words."""
        return {name: gettext(unit) for name, unit in {UNITS: self.unit, **self.sizes}.items()}

    @property
    def retry_effect(self) -> str:
        """What a retry does with a job of the kind, as a sentence for programs and on the command line."""
        return str(ALL_AGAIN if self.starts_over else ONLY_THE_REST)

    @property
    def has_plan(self) -> bool:
        """Whether the kind cuts its jobs into parts."""
        return type(self).plan is not Kind.plan

    @property
    def cuts_anew(self) -> bool:
        """Whether parts that wait may be cut anew."""
        return type(self).cut_anew is not Kind.cut_anew

    @property
    def has_finish(self) -> bool:
        """Whether something follows the last part."""
        return type(self).finish is not Kind.finish


_kinds: dict[str, Kind] = {}
KindClass = TypeVar("KindClass", bound=type[Kind])


def register(name: str) -> Callable[[KindClass], KindClass]:
    """Register the decorated class as the kind `name`.

    Raises:
        KindTaken: the name is registered already.
    """

    def decorate(kind_class: KindClass) -> KindClass:
        if name in _kinds:
            message = f"The kind {name} is registered twice; choose another name for one of them."
            raise KindTaken(message)
        kind_class.name = name
        _kinds[name] = kind_class()
        return kind_class

    return decorate


def forget(name: str) -> None:
    """Take back the registration of `name`, for tests that register kinds of their own."""
    del _kinds[name]


def kind_named(name: str) -> Kind:
    """Return the kind `name`.

    Raises:
        UnknownKind: no app registered it; the message lists those of which jobs can be submitted.
    """
    try:
        return _kinds[name]
    except KeyError:
        message = f"There is no kind {name!r}; there are: {', '.join(names_to_submit())}."
        raise UnknownKind(message) from None


def kinds() -> list[Kind]:
    """Return all registered kinds, by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def services() -> list[str]:
    """Return the outside services whose limits hold work back: those that some kind names, by name."""
    return sorted({kind.service for kind in kinds() if kind.service})


def unit_of(kind: str) -> str:
    """Return what units of `kind` are called; an app that is gone has taken its kinds' words with it."""
    try:
        return kind_named(kind).unit
    except UnknownKind:
        return "units"


def goes_on(kind: str) -> bool:
    """Say whether a part of `kind` that was given back goes on where it was; not where its app is gone."""
    return kind in _kinds and _kinds[kind].goes_on


def names_to_submit() -> list[str]:
    """Return the names of the kinds of which others than the platform itself can submit jobs."""
    return [kind.name for kind in kinds() if kind.is_routed]
