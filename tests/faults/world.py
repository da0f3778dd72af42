"""The platform of a fault run: each process for itself, with proxies in front of their servers."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
from switchyard.env import ROOT
from switchyard.yard.answers import mail_answers, page_answers
from switchyard.yard.group import Group
from switchyard.yard.ports import LOOPBACK, free_ports
from switchyard.yard.programs import Child, Program, run_to_its_end, wait_until_ready

from jobs.adopting import find_workers
from jobs.posts import Post
from jobs.run_folder import RunFolder
from tests.faults.proxy import Proxy
from tests.faults.receiver import Receiver
from tests.faults.servers import BROKERS, Broker, Database

START_SECONDS = 180
LOOK_SECONDS = 0.2
FOREIGN = (
    "SWITCHYARD_",
    "DATABASE_URL",
    "BROKER_URL",
    "FLOWER_",
    "MAIL_",
    "WEBHOOK_",
    "DJANGO_SETTINGS_MODULE",
)


class World:
    """Everything that runs, and the proxies in front of mail sink, broker and PostgreSQL."""

    def __init__(self, *, folder: Path, group: Group, broker: str) -> None:
        """Start the servers; the platform itself is not started yet."""
        self.folder = folder
        self._group = group
        self.database = Database(group=group, home=folder / "postgres")
        self.broker: Broker = BROKERS[broker](group=group, home=folder / "broker")
        self.mail_record = folder / "mails"
        sink_port, self.web_port = free_ports(2)
        self.mail_proxy = Proxy(target=sink_port)
        self.broker_proxy = Proxy(target=self.broker.port)
        self.database_proxy = Proxy(target=self.database.server.port)
        self.receiver = Receiver()
        self._sink = group.start(self._sink_program(sink_port))
        self._posts: dict[str, Post] = {}
        self._ending = threading.Event()
        self._tending = threading.Thread(target=self._tend, name="tending", daemon=True)

    @property
    def environment(self) -> dict[str, str]:
        """What the driver itself needs: the servers directly, no proxy between."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        return kept | {
            "SWITCHYARD_VAR": str(self.folder / "var"),
            "SWITCHYARD_DEMO": "on",
            "SECRET_KEY": "for-tests",
            "DATABASE_URL": self.database.server.url,
            "BROKER_URL": self.broker.url_through(self.broker.port),
            "MAIL_RELAY_HOST": LOOPBACK,
            "MAIL_RELAY_PORT": str(self.mail_proxy.port),
            "WEBHOOK_PRIVATE_HOSTS": LOOPBACK,
            "FAULTS_EFFECTS_FOLDER": str(self.folder),
            "PYTHONPATH": os.pathsep.join([str(ROOT / "platform"), str(ROOT)]),
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        }

    def _through_proxies(self) -> dict[str, str]:
        database = self.database.server
        return self.environment | {
            "DATABASE_URL": database.url.replace(str(database.port), str(self.database_proxy.port)),
            "BROKER_URL": self.broker.url_through(self.broker_proxy.port),
            "WEB_BIND": f"{LOOPBACK}:{self.web_port}",
            "WEB_WORKERS": "1",
        }

    def start_platform(self, *, all_lanes_answer: Callable[[], bool]) -> None:
        """Prepare the database, start web and supervisor, and wait until all of it answers."""
        wait_until_ready([self._sink], seconds=START_SECONDS)
        preparing = self._group.start(self._program("prepare", "manage.py", "prepare"))
        run_to_its_end(preparing, look=lambda: None)
        programs = [
            self._program("supervisor", "manage.py", "supervisor", f"--logs={self.folder / 'log'}"),
            self._program("web", "-m", "gunicorn", f"--config={gunicorn_settings()}", "switchyard.wsgi"),
        ]
        for program in programs:
            self._posts[program.name] = Post(name=program.name, start=self._starter(program))
        self._tending.start()
        deadline = time.monotonic() + START_SECONDS
        while not (page_answers(port=self.web_port, path="/health") and all_lanes_answer()):
            if time.monotonic() > deadline:
                message = "The platform did not answer in time."
                raise TimeoutError(message)
            time.sleep(LOOK_SECONDS)

    def _starter(self, program: Program) -> Callable[[str], Child]:
        return lambda _name: self._group.start(program)

    def _tend(self) -> None:
        """Start again what ended, as the yard and production do."""
        while not self._ending.wait(LOOK_SECONDS):
            for post in self._posts.values():
                post.tend(now=time.monotonic())

    def _program(self, name: str, *words: str) -> Program:
        command = [sys.executable, *words]
        command[1] = str(ROOT / words[0]) if words[0].endswith(".py") else words[0]
        return Program(name=name, command=command, environment=self._through_proxies(), is_ready=lambda: True)

    def _sink_program(self, port: int) -> Program:
        options = [f"--port={port}", f"--record={self.mail_record}"]
        return Program(
            name="sink",
            command=[sys.executable, "-m", "tests.faults.outside", *options],
            environment={"PYTHONPATH": os.pathsep.join([str(ROOT / "platform"), str(ROOT)])},
            is_ready=lambda: mail_answers(port=port),
        )

    def process(self, name: str) -> psutil.Process | None:
        """Return the living process of the post `name`, if there is one now."""
        process = self._posts[name].process
        return psutil.Process(process.pid) if process is not None and process.poll() is None else None

    def workers(self) -> dict[str, psutil.Process]:
        """Return the living workers by their names, as parts and Flower know them."""
        from jobs.presence import worker_name  # noqa: PLC0415  (needs Django to be set up)
        from jobs.settings import switchyard  # noqa: PLC0415  (as above)

        folder = RunFolder(self.folder / "var" / "run" / socket.gethostname())
        adoptable = find_workers({lane: folder.pulses(lane) for lane in switchyard().lanes})
        found = {}
        for lane, workers in adoptable.items():
            for worker in workers:
                with suppress(psutil.NoSuchProcess):  # it has just ended
                    found[worker_name(lane=lane, pid=worker.pid)] = psutil.Process(worker.pid)
        return found

    def tell_where_all_stand(self) -> None:
        """Let the supervisor and the workers write their stacks into their logs."""
        supervisor = self.process("supervisor")
        for process in [*([supervisor] if supervisor else []), *self.workers().values()]:
            process.send_signal(signal.SIGUSR2)

    def close(self) -> None:
        """Tend no more, kill everything, and close the proxies and the receiver."""
        self._ending.set()
        if self._tending.is_alive():
            self._tending.join()
        self._group.close()
        for proxy in (self.mail_proxy, self.broker_proxy, self.database_proxy):
            proxy.close()
        self.receiver.close()


def gunicorn_settings() -> Path:
    """Return the settings file of the web server."""
    return ROOT / "platform" / "deploy" / "gunicorn.conf.py"
