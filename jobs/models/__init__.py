"""The core's records: schools and people, jobs and parts, shares and limits, files."""

from jobs.models.files import StoredFile
from jobs.models.jobs import Job, JobState
from jobs.models.lanes import Bucket, Share, WorkerPresence
from jobs.models.parts import Part, PartState, Step
from jobs.models.people import Person, Role, School

__all__ = [
    "Bucket",
    "Job",
    "JobState",
    "Part",
    "PartState",
    "Person",
    "Role",
    "School",
    "Share",
    "Step",
    "StoredFile",
    "WorkerPresence",
]
