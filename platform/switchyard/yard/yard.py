"""The yard itself: starts everything in order, watches it, and ends it in order within ten seconds."""

import os
import time
from collections.abc import Callable, Iterable

import django
from django.utils import timezone

from jobs.posts import Ended, Post, Process
from jobs.pulses import Listener, make_pipe
from switchyard.yard import CannotRun, keys, processes
from switchyard.yard.asking import Asking
from switchyard.yard.choices import Choices
from switchyard.yard.ending import NEEDED_BY_WORK, end_in_order
from switchyard.yard.group import Group
from switchyard.yard.postgres import Postgres
from switchyard.yard.programs import Child, Program, run_to_its_end, wait_until_ready
from switchyard.yard.valkey import Valkey

SERVER_SECONDS = 60
PLATFORM_SECONDS = 300
LOOK_SECONDS = 0.2


class WatcherGone(CannotRun):
    """The process that leads the yard's group has ended."""


class Yard:
    """Everything that one machine runs for the platform."""

    def __init__(self, *, choices: Choices, group: Group, asking: Asking, say: Callable[[str], None]) -> None:
        """Prepare a yard for `choices` whose processes belong to `group`; nothing is started yet."""
        self._choices = choices
        self._group = group
        self._asking = asking
        self._say = say
        self._posts: dict[str, Post] = {}
        self._pulses: Listener | None = None
        self._note = choices.var / "yard.env"
        secrets = choices.var / "secrets"
        self._postgres = Postgres(home=choices.var / "postgres", port=choices.postgres_port)
        self._valkey = Valkey(
            home=choices.var / "valkey", port=choices.valkey_port, password=keys.kept(secrets, "valkey")
        )

    def start(self) -> None:
        """Start all and return when all of it answers.

        Raises:
            AskedToEnd: someone asked before it was ready.
            CannotRun: a program ended or did not answer.
        """
        self._start_servers()
        environment = self._note_environment()
        self._say("Bringing database, static files and demo data up to date ...")
        preparing = self._group.start(processes.command("prepare", environment=environment))
        run_to_its_end(preparing, look=self._look)
        self._start_platform(environment)

    def run_alone(self, *command: str) -> None:
        """Start nothing but the database, run `manage.py` with `command` to its end, and tell what it said.

        Raises:
            AskedToEnd: someone asked before it was done.
            CannotRun: it failed, or the database did not answer.
        """
        self._start_servers(with_broker=False)
        environment = self._note_environment()
        running = self._group.start(processes.command(*command, environment=environment))
        run_to_its_end(running, look=self._look)
        self._say(running.last_lines(count=1))

    def _start_servers(self, *, with_broker: bool = True) -> None:
        names = []
        if not self._choices.database_url:
            names.append("PostgreSQL")
            self._posts["postgres"] = Post(name="postgres", start=self._start_postgres)
        if with_broker and not self._choices.broker_url:
            names.append("Valkey")
            self._posts["valkey"] = Post(name="valkey", start=self._start_valkey)
        if names:
            self._say(f"Starting {' and '.join(names)} ...")
        for post in self._posts.values():
            post.tend(now=time.monotonic())
        wait_until_ready(self._children(self._posts), seconds=SERVER_SECONDS, look=self._look)

    def _start_postgres(self, _name: str) -> Child:
        self._postgres.prepare()
        return self._group.start(self._postgres.program())

    def _start_valkey(self, _name: str) -> Child:
        self._valkey.prepare()
        return self._group.start(self._valkey.program())

    def _note_environment(self) -> dict[str, str]:
        secrets = self._choices.var / "secrets"
        noted = processes.variables(
            choices=self._choices,
            database_url=self._choices.database_url or self._postgres.url,
            broker_url=self._choices.broker_url or self._valkey.url,
            secret_key=keys.kept(secrets, "secret-key"),
            flower_secret=keys.kept(secrets, "flower"),
        )
        keys.write_private(self._note, "".join(f"{name}={value}\n" for name, value in noted.items()))
        return processes.environment(choices=self._choices, noted=noted)

    def _start_platform(self, environment: dict[str, str]) -> None:
        catcher = "" if self._choices.relay else ", mail catcher"
        self._say(f"Starting web, workers, supervisor, Flower{catcher} ...")
        make_pipe(self._choices.pulses)
        self._pulses = Listener.at([self._choices.pulses])
        os.environ.update(environment)  # from here on this process may read Django's settings
        programs = processes.platform(choices=self._choices, environment=environment, now=timezone.now())
        for program in programs:
            post = self._posts[program.name] = Post(name=program.name, start=self._starter(program))
            post.tend(now=time.monotonic())
        django.setup()
        children = self._children(program.name for program in programs)
        wait_until_ready(children, seconds=PLATFORM_SECONDS, look=self._look)

    def _starter(self, program: Program) -> Callable[[str], Process]:
        return lambda _name: self._group.start(program)

    def _look(self) -> None:
        self._asking.check()
        if not self._group.is_watched():
            message = "The process that watches over the yard has ended; run it again."
            raise WatcherGone(message)

    def watch(self) -> None:
        """Start again what ends, and a supervisor that stands still, until someone asks to end.

        Raises:
            WatcherGone: nobody would end the processes if we were killed.
        """
        while not self._asking.wait(LOOK_SECONDS):
            self._look()
            self._end_supervisor_that_stands_still()
            for post in self._posts.values():
                if ended := post.tend(now=time.monotonic()):
                    self._tell(ended)

    def _end_supervisor_that_stands_still(self) -> None:
        """Kill it, as systemd's watchdog does elsewhere: its workers go on, and the next one adopts them."""
        living = {child.pid: child for child in self._children(["supervisor"]) if child.poll() is None}
        for pid in self._pulses.silent(living, now=time.monotonic()) if self._pulses else ():
            self._say("supervisor stands still and is killed; its workers go on.")
            living[pid].kill()
            living[pid].wait()

    def _tell(self, ended: Ended) -> None:
        log = self._choices.logs / f"{ended.name}.log"
        again = f"it starts again in {ended.pause_seconds:.0f} s"
        self._say(f"{ended.name} ended with code {ended.code}; {again} ({log}).")

    def stop(self) -> None:
        """End everything in order, within ten seconds: see `switchyard.yard.ending`."""
        self._note.unlink(missing_ok=True)
        if self._pulses is not None:
            self._pulses.close()
        self._group.wake()
        children = {child.program.name: child for child in self._children(self._posts)}
        end_in_order(children, end_others=self._end_all_but_what_work_needs, say=self._say)

    def _end_all_but_what_work_needs(self, deadline: float) -> None:
        self._group.end(but=self._children(NEEDED_BY_WORK), deadline=deadline)

    def _children(self, names: Iterable[str]) -> list[Child]:
        found = [self._posts[name].process for name in names if name in self._posts]
        return [child for child in found if isinstance(child, Child)]
