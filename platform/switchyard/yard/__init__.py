"""The yard: everything that one machine needs to run the platform, started by `make run`."""


class CannotRun(Exception):
    """The yard cannot start or go on; the sentence says to the person what is wrong and what to do."""
