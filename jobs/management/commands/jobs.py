"""`manage.py jobs VERB`: submits, finds, shows and changes jobs."""

from typing import ClassVar

from jobs.management.verbs import changing, honesty, listing, showing, submitting
from jobs.management.verbs.command import Verb, VerbCommand


class Command(VerbCommand):
    """Jobs on the command line, for the people who run the platform and their scripts."""

    help = "Submit, list, show, stop, retry, pause and resume jobs of any school; compare told times."
    verbs: ClassVar[list[Verb]] = [submitting.VERB, listing.VERB, showing.VERB, *changing.VERBS, honesty.VERB]
