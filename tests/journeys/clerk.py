"""A process beside a platform that submits jobs and changes settings for a journey, as the web server would.

It starts once: a process for each deed would need more than a second of a processor for its start.
"""

import json
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

END_SECONDS = 30


class Clerk:
    """The process, as the journey sees it."""

    def __init__(self, *, environment: Mapping[str, str]) -> None:
        """Start it in the platform's environment."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.clerk"],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, what: str, **given: object) -> Any:
        """Let it do one of its deeds, and return the answer."""
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(json.dumps([what, given]) + "\n")
        asked.flush()
        answer = json.loads(answers.readline() or '{"failed": "The clerk has ended."}')
        assert "failed" not in answer, answer["failed"]
        return answer["answer"]

    def close(self) -> None:
        """Let it end."""
        self._process.communicate(timeout=END_SECONDS)


def submit(*, kind: str, key: str, slug: str, arguments: Mapping[str, Any]) -> None:
    """Submit a job of the school that is called so."""
    from jobs import submission  # noqa: PLC0415  (Django is set up by now)
    from jobs.models import School  # noqa: PLC0415  (as above)

    school, _ = School.objects.get_or_create(slug=slug, defaults={"name": slug.capitalize()})
    submission.submit(kind=kind, school=school, by=None, arguments=arguments, key=key)


def override(*, overrides: Mapping[str, Any]) -> None:
    """Let the settings have these overrides from now on."""
    from django.utils import timezone  # noqa: PLC0415  (Django is set up by now)

    from jobs.models import SettingsVersion  # noqa: PLC0415  (as above)

    number = SettingsVersion.objects.count() + 1
    SettingsVersion.objects.create(number=number, made_at=timezone.now(), why="A test", overrides=overrides)


def make_deaf(*, lane: str, worker: str) -> str:
    """Let a worker take no doorbells any more, and return what it says to that."""
    from celery import current_app  # noqa: PLC0415  (Django is set up by now)

    return str(current_app.control.cancel_consumer(lane, destination=[worker], reply=True, timeout=10))


DEEDS: dict[str, Callable[..., Any]] = {"submit": submit, "override": override, "make_deaf": make_deaf}


def main() -> None:
    """Do what each line asks for, and answer with a line."""
    import django  # noqa: PLC0415  (only this process needs it)

    answers, sys.stdout = sys.stdout, sys.stderr
    django.setup()
    for line in sys.stdin:
        what, given = json.loads(line)
        try:
            answer = {"answer": DEEDS[what](**given)}
        except Exception:  # noqa: BLE001  (the journey fails with it)
            answer = {"failed": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
