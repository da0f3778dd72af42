"""What `manage.py jobs` tells: whole sentences, problems, refusals as documents, and an end by Ctrl-C."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.management.commands.jobs import Command
from jobs.management.verbs.exits import Exit
from jobs.models import JobState, School
from jobs.retries import PermanentFailure
from jobs.testing import run_parts

Run = Callable[..., Any]
ROOT = Path(__file__).parents[3]
LONG = f"The relay refused it, {'and said why at length, ' * 8}and left."


def test_show_tells_whole_errors_and_the_problems_of_a_job(
    jobs_command: Run, school: School, steps: Any
) -> None:
    job = steps.submit(school, 2, 3)
    steps.errors[:] = [PermanentFailure(LONG)]
    run_parts(lane="mail")
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.PROBLEMS, "")
    text = jobs_command("show", job.pk).text
    assert f"  problem           {LONG}\n" in text
    assert text.count(LONG) == 3
    assert jobs_command("show", job.pk, "--json").document["problems"] == [LONG]


def test_list_finds_words_in_the_errors_of_parts(jobs_command: Run, school: School, steps: Any) -> None:
    job = steps.submit(school, 2, 3)
    steps.submit(school, 1, key="two")
    steps.errors[:] = [PermanentFailure(LONG)]
    run_parts(lane="mail")
    found = jobs_command("list", "--text", "AT LENGTH", "--json").document["jobs"]
    assert [one["id"] for one in found] == [job.pk]


def test_refusal_is_a_document_where_one_was_asked_for(jobs_command: Run) -> None:
    ran = jobs_command("show", 999_999, "--json")
    assert (ran.exit, ran.error) == (Exit.NOT_FOUND, "")
    assert ran.document == {"exit_code": 3, "detail": "There is no job 999999."}


def in_a_shell(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    given = {
        **os.environ,
        "SECRET_KEY": "for-tests",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    }
    command = [sys.executable, "-W", "ignore", str(ROOT / "manage.py"), "jobs", *arguments]
    return subprocess.run(command, env={**given, **environment}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("list", "--json"), Exit.NO_DATABASE, "does not answer"),
        (("list", "--json", "--state", "nonsense"), Exit.INVALID, "invalid choice: 'nonsense'"),
        (("list", "--json", "--nonsense"), Exit.INVALID, "unrecognized arguments: --nonsense"),
    ],
)
def test_refusal_in_a_shell_is_a_document_on_standard_output(
    arguments: tuple[str, ...], code: Exit, said: str
) -> None:
    ran = in_a_shell(*arguments)
    told = json.loads(ran.stdout)
    assert (ran.returncode, told["exit_code"], ran.stderr) == (code, code, "")
    assert said in told["detail"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("submit", "--json"), "required: --school, --kind, --key"),
        (("show", "--json", "x"), "'x' is no whole number"),
        (("show", "1", "--json", "2"), "unrecognized arguments: 2"),
        (("nonsense", "--json"), "invalid choice: 'nonsense'"),
        (("--json", "list"), "unrecognized arguments: --json"),
        (("--json",), "required: VERB"),
    ],
)
def test_arguments_that_cannot_be_read_are_told_in_a_document(
    arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["manage.py", "jobs", *arguments])
    command = Command()
    command._called_from_command_line = True
    with pytest.raises(SystemExit) as ended:
        command.create_parser("manage.py", "jobs").parse_args(list(arguments))
    written = capsys.readouterr()
    told = json.loads(written.out)
    assert (ended.value.code, told["exit_code"], written.err) == (Exit.INVALID, Exit.INVALID, "")
    assert said in told["detail"]


def test_ctrl_c_while_the_command_starts_ends_it_quietly(tmp_path: Path) -> None:
    (tmp_path / "interrupted.py").write_text("raise KeyboardInterrupt\n")
    ran = in_a_shell("list", PYTHONPATH=str(tmp_path), DJANGO_SETTINGS_MODULE="interrupted")
    assert (ran.returncode, ran.stdout, ran.stderr) == (Exit.INTERRUPTED, "", "")
