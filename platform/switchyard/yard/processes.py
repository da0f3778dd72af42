"""The platform's own processes: web, supervisor with its workers, Flower, mail catcher."""

import os
import sys
from collections.abc import Mapping
from datetime import datetime

from switchyard import env
from switchyard.yard.answers import all_lanes_answer, mail_answers, page_answers
from switchyard.yard.choices import Choices
from switchyard.yard.ports import LOOPBACK
from switchyard.yard.programs import Program

FLOWER_PREFIX = "ops/flower"
FLOWER_INSPECT_MILLISECONDS = "3000"
"""How long Flower waits for workers to tell of themselves; on a busy machine its second is too short."""
PYTHON = sys.executable
MANAGE = str(env.ROOT / "manage.py")


def variables(
    *, choices: Choices, database_url: str, broker_url: str, secret_key: str, flower_secret: str
) -> dict[str, str]:
    """Return what the platform's processes, and commands beside them, need to know."""
    return {
        "SWITCHYARD_DEMO": "on",
        "SECRET_KEY": secret_key,
        "DATABASE_URL": database_url,
        "BROKER_URL": broker_url,
        **_mail(choices),
        "SITE_URL": choices.home.rstrip("/"),
        "FLOWER_URL": f"http://{LOOPBACK}:{choices.flower_port}",
        "FLOWER_SECRET": flower_secret,
    }


def _mail(choices: Choices) -> dict[str, str]:
    """Return where mail goes: to the given relay, or to the catcher, which needs neither TLS nor sign-in."""
    if choices.relay:
        return dict(choices.relay)
    plain = {"MAIL_RELAY_TLS": "none", "MAIL_RELAY_USER": "", "MAIL_RELAY_PASSWORD": ""}
    return {
        **plain,
        "MAIL_RELAY_HOST": LOOPBACK,
        "MAIL_RELAY_PORT": str(choices.mail_port),
        "MAIL_CATCHER_FOLDER": str(choices.var / "mail"),
    }


def environment(*, choices: Choices, noted: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of the platform's processes."""
    paths = os.pathsep.join([str(env.ROOT / "platform"), str(env.ROOT)])
    return {
        **os.environ,
        **noted,
        "SWITCHYARD_VAR": str(choices.var),
        "PYTHONPATH": paths,
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "switchyard.settings",
    }


def command(verb: str, *arguments: str, environment: Mapping[str, str]) -> Program:
    """Return a command of `manage.py`, which runs to its end."""
    line = [PYTHON, MANAGE, verb, *arguments]
    return Program(name=verb, command=line, environment=environment, is_ready=lambda: False)


def platform(*, choices: Choices, environment: dict[str, str], now: datetime) -> list[Program]:
    """Return the processes in the order in which they are started."""
    programs = [
        _supervisor(choices=choices, environment=environment, now=now),
        _web(choices=choices, environment=environment),
        _flower(choices=choices, environment=environment),
    ]
    return programs if choices.relay else [*programs, _catcher(choices=choices, environment=environment)]


def _supervisor(*, choices: Choices, environment: Mapping[str, str], now: datetime) -> Program:
    return Program(
        name="supervisor",
        command=[PYTHON, MANAGE, "supervisor", f"--logs={choices.logs}", f"--pulses={choices.pulses}"],
        environment=environment,
        is_ready=lambda: all_lanes_answer(since=now),
    )


def _web(*, choices: Choices, environment: dict[str, str]) -> Program:
    settings = env.ROOT / "platform" / "deploy" / "gunicorn.conf.py"
    return Program(
        name="web",
        command=[PYTHON, "-m", "gunicorn", f"--config={settings}", "switchyard.wsgi"],
        environment=environment | {"WEB_BIND": f"{LOOPBACK}:{choices.web_port}"},
        is_ready=lambda: page_answers(port=choices.web_port, path="/health"),
    )


def _flower(*, choices: Choices, environment: dict[str, str]) -> Program:
    options = {
        "FLOWER_ADDRESS": LOOPBACK,
        "FLOWER_PORT": str(choices.flower_port),
        "FLOWER_URL_PREFIX": FLOWER_PREFIX,
        "FLOWER_READ_ONLY": "true",
        "FLOWER_INSPECT_TIMEOUT": FLOWER_INSPECT_MILLISECONDS,
        "FLOWER_BASIC_AUTH": f"ops:{environment['FLOWER_SECRET']}",
    }
    return Program(
        name="flower",
        command=[PYTHON, "-m", "celery", "--app=switchyard.flower", "flower"],
        environment=environment | options,
        is_ready=lambda: page_answers(port=choices.flower_port, path=f"/{FLOWER_PREFIX}/healthcheck"),
    )


def _catcher(*, choices: Choices, environment: Mapping[str, str]) -> Program:
    options = [f"--port={choices.mail_port}", f"--folder={choices.var / 'mail'}"]
    return Program(
        name="mail-catcher",
        command=[PYTHON, "-m", "switchyard.yard.catcher", *options],
        environment=environment,
        is_ready=lambda: mail_answers(port=choices.mail_port),
    )
