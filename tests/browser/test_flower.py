"""Ops read the depths of all lanes off Flower's own page, through the platform's sign-in, on both brokers."""

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
import redis
import requests
from django.utils import timezone
from playwright.sync_api import Page, expect
from switchyard.yard import processes
from switchyard.yard.choices import Choices
from switchyard.yard.group import Group
from switchyard.yard.ports import LOOPBACK, free_ports
from switchyard.yard.programs import Program, wait_until_ready

from jobs.settings import switchyard
from jobs.testing import wait_until
from tests.browser.conftest import fresh_page
from tests.databases import make_database
from tests.rabbitmq import RabbitMQ, is_installed, running

pytestmark = [pytest.mark.browser, pytest.mark.journey]

START_SECONDS = 180
SECRET = "for-flower"
SERVED = "codes"
"""The one lane that has a worker."""
PREPARE = """
import sys
import django
django.setup()
from django.conf import settings
from django.test import Client
from django.utils import timezone
from jobs.models import Role, School
from jobs.publishing import depths
from jobs.ringing import ring_waiting
from jobs.submission import submit
from jobs.testing import make_person
browser = Client()
browser.force_login(make_person(role=Role.OPS))
school = School.objects.create(name="Northfield", slug="northfield")
for number, lane in enumerate(sys.argv[1:], start=1):
    for count in range(number):
        submit(kind=f"faults.probe.{lane}", school=school, by=None, arguments={}, key=f"{lane}-{count}")
for lane, doorbells in depths(sys.argv[1:]).items():
    # As supervision would: the broker may not have taken a doorbell in time.
    ring_waiting(lane=lane, doorbells=doorbells, now=timezone.now())
print(browser.cookies[settings.SESSION_COOKIE_NAME].value)
"""


@dataclass(frozen=True, kw_only=True)
class Broker:
    """A broker, and what Flower needs besides to see its depths."""

    url: str
    options: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Site:
    """A platform of which one lane alone has a worker."""

    address: str
    session: str
    """The cookie of somebody of operations who is signed in."""
    depths: Mapping[str, int]
    """How many jobs wait in the lanes without one."""


@pytest.fixture(params=["valkey", "rabbitmq"])
def broker(request: pytest.FixtureRequest, servers: Group) -> Iterator[Broker]:
    """One of the two."""
    if request.param == "valkey":
        server = request.getfixturevalue("valkey").rpartition("/")[0]
        url = f"{server}/13"
        with redis.Redis.from_url(url) as client:
            client.flushdb()  # other tests leave doorbells there
        yield Broker(url=url, options={})
        return
    if not is_installed():
        pytest.skip("this machine has no rabbitmq-server")
    with tempfile.TemporaryDirectory(prefix="switchyard-rabbitmq-") as folder:
        rabbitmq = RabbitMQ(home=Path(folder), has_management=True)
        with running(rabbitmq, group=servers):
            yield Broker(url=rabbitmq.url, options={"FLOWER_BROKER_API": rabbitmq.api})


@pytest.fixture
def site(broker: Broker, postgres: str, servers: Group, tmp_path: Path) -> Iterator[Site]:
    """The platform with jobs that wait in all lanes but the one that has a worker."""
    database = make_database(postgres, name="flower")
    choices = choices_of(tmp_path, database=database, broker=broker.url)
    environment = environment_of(choices, options=broker.options)
    depths = dict(zip([lane for lane in switchyard().lanes if lane != SERVED], range(1, 100), strict=False))
    run(environment, processes.MANAGE, "migrate", "--verbosity=0")
    web, flower = (
        program
        for program in processes.platform(choices=choices, environment=environment, now=timezone.now())
        if program.name in {"web", "flower"}
    )
    command = [processes.PYTHON, processes.MANAGE, "worker", SERVED]
    worker = Program(name="worker", command=command, environment=environment, is_ready=lambda: True)
    with ExitStack() as stack:
        start(worker, servers=servers, stack=stack)
        wait_until(lambda: is_present(database), seconds=START_SECONDS)
        start(web, servers=servers, stack=stack)
        start(flower, servers=servers, stack=stack)
        wait_until(lambda: knows_the_worker(choices.flower_port), seconds=START_SECONDS)
        session = run(environment, "-c", PREPARE, *depths).strip()
        yield Site(address=choices.home, session=session, depths=depths)


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    """A page of a fresh browser, at home at that platform."""
    with fresh_page(site.address) as page:
        yield page


def test_ops_read_the_depth_of_every_lane_off_flower(page: Page, site: Site) -> None:
    page.context.add_cookies([{"name": "sessionid", "value": site.session, "url": site.address}])
    page.goto(f"{site.address}ops/")
    mail = page.get_by_role("link", name="mail in Flower")
    with page.context.expect_page() as opened:
        mail.click()
    broker = opened.value
    for lane in switchyard().lanes:
        # RabbitMQ counts every few seconds; the page is read anew until it has.
        expect_depth(broker, lane=lane, depth=site.depths.get(lane, 0))
        row = broker.locator("#queue-table tbody tr").filter(
            has=broker.get_by_role("cell", name=lane, exact=True)
        )
        expect(row).to_have_count(1)
    assert "for-tests" not in broker.content(), "the broker's password"


def expect_depth(broker: Page, *, lane: str, depth: int) -> None:
    """Wait until the page says how many doorbells wait in a lane."""

    def is_told() -> bool:
        broker.reload()
        rows = [row.split() for row in broker.locator("#queue-table tbody tr").all_inner_texts()]
        return [lane, str(depth)] in [row[:2] for row in rows]

    wait_until(is_told, seconds=60)


def choices_of(folder: Path, *, database: str, broker: str) -> Choices:
    """Return ports and servers of a platform with its files in `folder`."""
    web, flower, *others = free_ports(5)
    return Choices(
        var=folder,
        web_port=web,
        flower_port=flower,
        postgres_port=others[0],
        valkey_port=others[1],
        mail_port=others[2],
        database_url=database,
        broker_url=broker,
    )


def environment_of(choices: Choices, *, options: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of its processes, which know the fault suite's kinds."""
    noted = processes.variables(
        choices=choices,
        database_url=choices.database_url,
        broker_url=choices.broker_url,
        secret_key="for-this-test",
        flower_secret=SECRET,
    )
    return {
        **processes.environment(choices=choices, noted=noted),
        **options,
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "FAULTS_EFFECTS_FOLDER": str(choices.var),
    }


def run(environment: Mapping[str, str], *words: str) -> str:
    """Run Python and return what it says."""
    command = [processes.PYTHON, *words]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def start(program: Program, *, servers: Group, stack: ExitStack) -> None:
    """Start a program that ends with the test."""
    child = servers.start(program)

    def end() -> None:
        child.terminate()
        child.wait(timeout=30)

    stack.callback(end)
    wait_until_ready([child], seconds=START_SECONDS)


def is_present(database: str) -> bool:
    """Say whether the worker has told the database of itself."""
    connection = psycopg2.connect(database)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM jobs_workerpresence")
            return bool(cursor.fetchone() == (1,))
    finally:
        connection.close()


def knows_the_worker(port: int) -> bool:
    """Say whether Flower has found the worker: then it lists the queue of that one alone, by itself."""
    address = f"http://{LOOPBACK}:{port}/ops/flower/api/workers?refresh=1"
    answer = requests.get(address, auth=("ops", SECRET), timeout=30)
    return any(worker.get("active_queues") for worker in answer.json().values())
