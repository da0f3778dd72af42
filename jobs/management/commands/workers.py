"""`manage.py workers VERB`: lists the lanes' workers and sets how many there are to be."""

from typing import ClassVar

from jobs.management.verbs import workers
from jobs.management.verbs.command import Verb, VerbCommand


class Command(VerbCommand):
    """Workers on the command line; ops have the same at /ops/workers/."""

    help = "List how many workers each lane is to have, and set the number by hand."
    verbs: ClassVar[list[Verb]] = workers.VERBS
