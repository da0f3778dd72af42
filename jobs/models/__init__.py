"""The core's records: schools and people, jobs and parts, shares, limits, costs, settings, holds, files."""

from jobs.models.breakers import Breaker, BreakerState
from jobs.models.bulk import BulkChange
from jobs.models.canaries import CanaryRun
from jobs.models.corrections import TextCorrection
from jobs.models.costs import Cost, Detour, LaneTrust, Pace, ToldTime
from jobs.models.duties import Duty
from jobs.models.files import StoredFile
from jobs.models.history import Attempt, AttemptOutcome, JobEvent
from jobs.models.holds import Hold, HoldEvent, HoldMode, HoldScope
from jobs.models.jobs import BAD_ENDS, ENDED_STATES, GOOD_ENDS, OPEN_STATES, TROUBLED_ENDS, Job, JobState
from jobs.models.lane_minutes import LaneMinute
from jobs.models.lanes import Bucket, HandScale, KeptLane, LaneScale, Share, WorkerPresence
from jobs.models.notifications import Notification
from jobs.models.parts import IDLE_STATES, Part, PartState, Step
from jobs.models.people import PLATFORM_ROLES, MailChoice, Person, Role, School
from jobs.models.postmortems import Postmortem
from jobs.models.settings import SettingsVersion
from jobs.models.signing_in import FamiliarNetwork, PasswordTries, PersonEvent
from jobs.models.status import (
    Incident,
    IncidentImpact,
    IncidentStatus,
    IncidentUpdate,
    StatusSample,
    StatusSnapshot,
)
from jobs.models.subscribers import StatusSubscriber
from jobs.models.tallies import LaneReading, Sweep, Tally
from jobs.models.tokens import ApiToken, Scope, TokenEvent
from jobs.models.typed_forms import TypedForm
from jobs.models.webhooks import DeliveryState, WebhookDelivery, WebhookEndpoint, make_secret

__all__ = [
    "BAD_ENDS",
    "ENDED_STATES",
    "GOOD_ENDS",
    "IDLE_STATES",
    "OPEN_STATES",
    "PLATFORM_ROLES",
    "TROUBLED_ENDS",
    "ApiToken",
    "Attempt",
    "AttemptOutcome",
    "Breaker",
    "BreakerState",
    "Bucket",
    "BulkChange",
    "CanaryRun",
    "Cost",
    "DeliveryState",
    "Detour",
    "Duty",
    "FamiliarNetwork",
    "HandScale",
    "Hold",
    "HoldEvent",
    "HoldMode",
    "HoldScope",
    "Incident",
    "IncidentImpact",
    "IncidentStatus",
    "IncidentUpdate",
    "Job",
    "JobEvent",
    "JobState",
    "KeptLane",
    "LaneMinute",
    "LaneReading",
    "LaneScale",
    "LaneTrust",
    "MailChoice",
    "Notification",
    "Pace",
    "Part",
    "PartState",
    "PasswordTries",
    "Person",
    "PersonEvent",
    "Postmortem",
    "Role",
    "School",
    "Scope",
    "SettingsVersion",
    "Share",
    "StatusSample",
    "StatusSnapshot",
    "StatusSubscriber",
    "Step",
    "StoredFile",
    "Sweep",
    "Tally",
    "TextCorrection",
    "TokenEvent",
    "ToldTime",
    "TypedForm",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WorkerPresence",
    "make_secret",
]
