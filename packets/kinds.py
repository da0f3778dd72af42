"""The kind of job that builds a packet."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy, gettext_noop

from jobs.arguments import Arguments
from jobs.asking import Asked, Id
from jobs.files import NotKept
from jobs.letters import SERVICE
from jobs.models import Job, Person, StoredFile
from jobs.registry import Kind, register
from jobs.retries import RetryPolicy
from jobs.verbs import PartPlan, WorkingPart
from packets import expiring, forgetting, mailing, pictures, queries, rebuilding, recording, showing
from packets.assembly import assemble
from packets.joining import join
from packets.models import Packet
from packets.planning import plan_parts
from packets.programs import PacketArguments, request_packet_of_numbers


class PacketChosen(Arguments):
    """The packet, with its students and kinds of documents."""

    packet: Id


@register("packets.build")
class BuildPacket(Kind):
    """Binds the chosen students' documents into one PDF."""

    label = gettext_lazy("Document packet")
    unit = "documents"
    arguments = PacketChosen
    sizes: ClassVar[Mapping[str, str]] = {
        "documents": gettext_noop("documents"),
        "pages": gettext_noop("pages, once a packet has held some of the documents"),
        "bytes": gettext_noop("bytes of all documents"),
    }
    starts_over = True
    retry_label = gettext_lazy("Build it again")
    finish_does = gettext_lazy("joins the documents into one PDF")
    no_result = gettext_lazy("The packet was not built: its documents were not joined into one PDF.")
    panel_template = "packets/panel.html"
    api_arguments = PacketArguments

    def request(self, asked: Asked) -> Job:
        """Build a packet of the students whose numbers the arguments hold."""
        return request_packet_of_numbers(asked)

    def plan(self, job: Job) -> Iterable[PartPlan]:
        """Cut the packet into parts of whole students."""
        return plan_parts(_packet(job))

    def work(self, part: WorkingPart) -> None:
        """Make the documents of one part ready."""
        assemble(part, packet=_packet(part.job))

    def finish(self, job: Job) -> None:
        """Bind what the parts made ready into the result."""
        join(_packet(job), job=job, check=lambda: None)

    def finish_part(self, part: WorkingPart) -> None:
        """Do the same, and stop between two documents when the job is stopped."""
        join(_packet(part.job), job=part.job, check=part.check)

    def can_revive(self, job: Job) -> bool:
        """Say whether another building could hold more than this one."""
        return rebuilding.can_differ(_packet(job))

    def revive(self, job: Job) -> Iterable[PartPlan]:
        """Begin the packet's next edition; its plan follows."""
        rebuilding.begin_again(_packet(job))
        return ()

    def discard(self, job: Job) -> None:
        """Throw away the chunks."""
        rebuilding.discard(_packet(job))

    def prune(self, job: Job, *, most: int) -> int:
        """Delete the packet; its file is the job's."""
        packet = Packet.objects.filter(job=job).first()
        return rebuilding.prune(packet, most=most) if packet else 0

    def prune_leftovers(self, *, now: datetime, most: int) -> int:
        """Delete files of packets whose time is over, their pictures, and what no packet took for long."""
        purged = expiring.purge_due(now=now, most=most)
        purged += pictures.forget_unshown(most=most - purged)
        return purged + forgetting.forget_unused(now=now, most=most - purged)

    def note_download(self, file: StoredFile, *, by: Person | None, program: str = "") -> None:
        """Record who gets a file of the packet, until the packet's time is over."""
        if file.job is not None:
            packet, now = _packet(file.job), timezone.now()
            if not expiring.is_there(packet, now=now):
                raise NotKept
            recording.record_download(packet, file, by=by, program=program, now=now)

    def first_reasons(self, jobs: Sequence[Job]) -> Mapping[int, str]:
        """Return why the first document was left out; that names no student."""
        return queries.first_reasons(jobs)

    def panel(self, job: Job) -> Mapping[str, Any]:
        """Return what the packet holds, what was left out and what is missing."""
        packet = _packet(job)
        return {"job": job, **queries.panel(packet), **showing.sharing_of(packet, now=timezone.now())}


@register("packets.mail")
class MailPacket(Kind):
    """Mails a packet to named recipients, as a link or as an attachment."""

    label = gettext_lazy("Packet by mail")
    unit = "mails"
    arguments = PacketChosen
    service = SERVICE
    time_limit_seconds: ClassVar[float] = 300
    # A relay that puts a stranger off (greylisting) takes the mail after some minutes.
    retry: ClassVar[RetryPolicy] = RetryPolicy(attempts=9, first_seconds=5, cap_seconds=900)
    # Routes that were saved before this kind know no rule for it.
    is_routed = False
    panel_template = "packets/mail_panel.html"

    def plan(self, job: Job) -> Iterable[PartPlan]:
        """Make a part of each mail."""
        return mailing.plans(job)

    def work(self, part: WorkingPart) -> None:
        """Send one mail, unless that was done or may have been."""
        mailing.deliver(part)

    def discard(self, job: Job) -> None:
        """Note which mails were not sent."""
        mailing.give_up(job)

    def panel(self, job: Job) -> Mapping[str, Any]:
        """Return the packet and what became of each mail."""
        return {"job": job, **showing.mails_of(job)}


def _packet(job: Job) -> Packet:
    packets = Packet.objects.select_related("school", "created_by", "result", "job", "logo")
    return packets.get(pk=job.arguments["packet"], school_id=job.school_id)
