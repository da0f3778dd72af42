"""What the outside saw, against what the database says: mails, codes, effects, packets, uploads."""

from collections import Counter

from emails.models import Recipient, RecipientState
from jobs.models import Job, JobState, Part, PartState, StoredFile
from packets.models import Packet
from tests.faults.load import EFFECT_KINDS
from tests.faults.verdict import Verdict
from uploads.models import Student, Upload, UploadState


def judge_mail(verdict: Verdict, *, arrived: Counter[tuple[str, str]]) -> None:
    """Each recipient has the mails that the ledger says."""
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


def judge_codes(verdict: Verdict, *, promised: dict[str, int]) -> None:
    """What a page promised has a job."""
    for address, count in promised.items():
        found = Job.objects.filter(kind="emails.code", submitted_by__email=address).count()
        if found < count:
            verdict.lost.append(f"{count} codes were promised to {address}, {found} have a job")


def judge_effects(verdict: Verdict, *, lines: list[list[str]]) -> None:
    """Each claim acted once, and who is done acted fully."""
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
    # A job of which every part was refused has nothing to finish.
    ended = Job.objects.filter(pk__in=done.values("job"), state__in=(JobState.DONE, JobState.PROBLEMS))
    verdict.lost += [f"job {job.pk} ended without its finish" for job in ended if str(job.pk) not in finished]


def judge_packets(verdict: Verdict) -> None:
    """A packet that is done has one whole file."""
    done = Packet.objects.filter(job__state__in=(JobState.DONE, JobState.PROBLEMS))
    lost = [packet.pk for packet in done if not has_its_file(packet)]
    verdict.lost += [f"packet {pk} is done but has no whole file" for pk in lost]
    counts = {packet.pk: StoredFile.objects.filter(job=packet.job_id).count() for packet in done}
    verdict.doubled += [f"packet {pk} has {count} results" for pk, count in counts.items() if count > 1]


def has_its_file(packet: Packet) -> bool:
    """Say whether the packet's result lies in the storage, whole."""
    if packet.result is None:
        return False
    content = packet.result.content
    return content.storage.exists(content.name) and content.size == packet.result.size


def judge_uploads(verdict: Verdict) -> None:
    """What was imported is there, once."""
    imported = Upload.objects.filter(state=UploadState.IMPORTED)
    for school in {upload.school_id for upload in imported}:
        rows = sum(upload.new_rows for upload in imported if upload.school_id == school)
        students = Student.objects.filter(school=school, number__startswith="U").count()
        if rows != students:
            verdict.wrong.append(f"{rows} rows were imported into school {school}, it has {students}")
    done = Upload.objects.filter(import_job__state=JobState.DONE).exclude(state=UploadState.IMPORTED)
    verdict.lost += [f"the import of upload {upload.pk} is done but not noted" for upload in done]
