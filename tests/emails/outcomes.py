"""What became of mails that went through a provider, as the ledger has it."""

import pytest

from emails.models import Recipient
from jobs.models import Job, Part
from jobs.testing import let_time_come, run_parts

only_mailgun = pytest.mark.parametrize("name", ["mailgun"], indirect=True)


def states() -> dict[str, str]:
    return dict(Recipient.objects.values_list("address", "state"))


def words_of(address: str) -> str:
    return Recipient.objects.get(address=address).relay_words


def try_again_now() -> None:
    while let_time_come() or run_parts(lane="bulk"):
        pass


def work_part(job: Job) -> Part:
    part: Part = job.parts.get(step="work")
    return part
