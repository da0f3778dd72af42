"""Runs the platform until Ctrl-C: see `platform/run.py`, which `make run` starts."""

import contextlib
import os
import sys
import time

from switchyard import env
from switchyard.yard import CannotRun
from switchyard.yard.asking import AskedToEnd, Asking
from switchyard.yard.choices import Choices, choose
from switchyard.yard.given import require_servers
from switchyard.yard.group import Group, end_left_over
from switchyard.yard.lock import Holder, Lock
from switchyard.yard.surroundings import require_folder, require_settings
from switchyard.yard.welcome import welcome
from switchyard.yard.yard import Yard


def say(sentence: str) -> None:
    """Tell the person; go on when nobody reads any more."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()


def run(*command: str) -> None:
    """Take the folder, check the ports, then run a yard until someone asks to end; or a `command` alone.

    Raises:
        CannotRun: with a sentence for the person.
    """
    asking = Asking()
    require_folder(env.VAR)
    lock = Lock(path=env.VAR / "yard.lock")
    choices = choose()
    require_settings()
    require_servers(database_url=choices.database_url, broker_url=choices.broker_url)
    asking.listen()
    if lock.last_holder is not None:
        end_left_over(group=lock.last_holder.group, var=choices.var)
    group = Group(logs=choices.logs, keep_open=[lock.descriptor])
    try:
        lock.note(Holder(pid=os.getpid(), group=group.id, home=choices.home))
        yard = Yard(choices=choices, group=group, asking=asking, say=say)
        if command:
            run_command(yard, *command)
        else:
            run_yard(yard, choices=choices, asking=asking)
    finally:
        group.close()


def run_command(yard: Yard, *command: str) -> None:
    """Run a command of `manage.py` beside the yard's database, while nothing else of the yard runs.

    Raises:
        CannotRun: with a sentence for the person.
    """
    try:
        yard.run_alone(*command)
    except AskedToEnd as error:
        message = f"Ended before {command[0]} was done."
        raise CannotRun(message) from error
    finally:
        yard.stop()


def run_yard(yard: Yard, *, choices: Choices, asking: Asking) -> None:
    """Start, say where everything is, watch, and end in order whatever happens.

    Raises:
        CannotRun: with a sentence for the person.
    """
    began = time.monotonic()
    try:
        yard.start()
        say(welcome(choices=choices, seconds=time.monotonic() - began))
        yard.watch()
    except AskedToEnd:
        pass
    except CannotRun:
        # Ctrl-C may also end a program that we were waiting for.
        if not asking.is_heard:
            raise
    finally:
        say("Ending everything ...")
        yard.stop()
    say("Ended; nothing is left running.")


def main(*command: str) -> int:
    """Run, and return the exit code."""
    try:
        run(*command)
    except (CannotRun, env.WrongVariable) as problem:
        sys.stderr.write(f"\n{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
