"""What an admin changes on the pages holds in web and workers within two seconds, without a restart."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psutil
import psycopg2
import pytest

from tests.journeys.sign_in import Browser, found, sign_in, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.alone]

HOLDS_WITHIN = 2.0
ROUTES, MAIL, HOLDS = "/ops/settings/routes/", "/ops/settings/lanes/mail/", "/ops/settings/holds/"


@pytest.fixture
def admin(yard: Any) -> Iterator[Browser]:
    """A browser in which an administrator is signed in."""
    browser = Browser(yard.base_url)
    sign_in(browser, mail_folder=yard.mail_folder, school="", role="admin")
    yield browser
    browser.close()


@pytest.fixture
def draft(yard: Any) -> Iterator["Draft"]:
    """A mailing of a school, of which test mails are sent."""
    browser = Browser(yard.base_url)
    sign_in(browser, mail_folder=yard.mail_folder)
    yield Draft(browser, yard=yard)
    browser.close()


class Draft:
    """A mailing in the browser of a school's staff."""

    def __init__(self, browser: Browser, *, yard: Any) -> None:
        """Write it."""
        self._browser, self._yard = browser, yard
        fields = {"subject": "Settings", "body": "Dear {{ first_name }}", "search": "an"}
        self._path = browser.post("/mailings/new/", fields)

    def send_test(self) -> str:
        """Send a test mail and return the path of its job."""
        key = found(r'name="key" value="([^"]+)"', self._browser.page(self._path))
        self._browser.post(f"{self._path}test/", {"key": key}, page=self._path)
        [(job,)] = rows(self._yard, "SELECT max(id) FROM jobs_job WHERE kind = 'emails.test'")
        return f"/jobs/{job}/"

    def lane_of_test(self) -> str:
        """Send a test mail and return the lane that its job took."""
        job = int(found(r"(\d+)", self.send_test()))
        [(lane,)] = rows(self._yard, f"SELECT lane FROM jobs_job WHERE id = {job}")  # noqa: S608  (a number)
        return str(lane)

    def page_of(self, job: str) -> str:
        """Return where the job stands."""
        return self._browser.page(f"{job}standing/")


def change(admin: Browser, path: str, **fields: str) -> None:
    """Fill the form at `path` and put it in force."""
    shown = {**form_on(admin.get(path).text), **fields, "why": "A journey", "save": "1"}
    assert admin.post(path, shown) == path


def form_on(page: str) -> dict[str, str]:
    """Return the fields of the page with the values that a browser would send."""
    inputs = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input\b[^>]*>", page)]
    fields = {each["name"]: each.get("value", "").replace("&quot;", '"') for each in inputs if "name" in each}
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


def take_back_newest(admin: Browser) -> None:
    """Click "Take back" beside the newest change."""
    page = admin.get("/ops/settings/changes/").text
    newest = found(r'name="expecting" value="(\d+)"', page)
    admin.post(f"/ops/settings/changes/{newest}/undo/", {"expecting": newest}, page="/ops/settings/changes/")


def in_time(look: Callable[[], bool]) -> None:
    """Wait until something holds: what a change may take, and the pages that ask for it on a busy machine."""
    wait_for(look, seconds=HOLDS_WITHIN + 3)


def processes_of(yard: Any) -> set[int]:
    """Return the web's and the workers' processes."""
    return {each.pid for words in (("gunicorn",), ("worker", "mail")) for each in yard.named(*words)}


def test_changed_route_and_limit_hold_within_two_seconds_without_a_restart(
    yard: Any, admin: Browser, draft: Draft
) -> None:
    before = processes_of(yard)
    assert draft.lane_of_test() == "mail"
    rules = found(r'name="draft" value="([^"]*)"', admin.get(ROUTES).text).replace("&quot;", '"')
    other = rules.replace('"kind": "emails.test", "lane": "mail"', '"kind": "emails.test", "lane": "bulk"')
    assert other != rules
    change(admin, ROUTES, draft=other)
    # Every web process must know it: ask so often that each of them answered.
    in_time(lambda: {draft.lane_of_test() for _ in range(4)} == {"bulk"})
    take_back_newest(admin)
    in_time(lambda: {draft.lane_of_test() for _ in range(4)} == {"mail"})
    change(admin, MAIL, rate="0.01")
    in_time(lambda: "at its limit" in draft.page_of(draft.send_test()))
    job = draft.send_test()
    take_back_newest(admin)
    wait_for(lambda: "badge done" in draft.page_of(job))
    assert processes_of(yard) == before


def test_paused_lane_waits_at_once_and_goes_on_when_it_is_lifted(
    yard: Any, admin: Browser, draft: Draft
) -> None:
    admin.post(HOLDS, {"target": "lane:mail", "mode": "pause", "lasts": "", "why": "A journey"})
    job = draft.send_test()
    wait_for(lambda: "paused the lane mail" in draft.page_of(job))
    admin.post(found(rf'action="({HOLDS}\d+/lift/)"', admin.get(HOLDS).text), {}, page=HOLDS)
    wait_for(lambda: "badge done" in draft.page_of(job), seconds=HOLDS_WITHIN + 3)


def test_changed_number_of_workers_holds_within_two_seconds_in_the_same_process(
    yard: Any, admin: Browser
) -> None:
    before, [usual] = processes_of(yard), slots(yard, "mail")
    for number in (6, 1, usual):
        change(admin, "/ops/settings/lanes/mail/", workers=str(number), most_workers="")
        in_time(lambda: slots(yard, "mail") == [number])  # noqa: B023  (called in this round)
    assert processes_of(yard) == before


def test_children_are_forked_and_ended_as_the_number_of_workers_changes(yard: Any, admin: Browser) -> None:
    worker = worker_of(yard, "packets")
    [usual] = slots(yard, "packets")
    for number in (4, 1, usual):
        change(admin, "/ops/settings/lanes/packets/", workers=str(number), most_workers="")
        in_time(lambda: slots(yard, "packets") == [number] == [len(worker.children())])  # noqa: B023  (called in this round)


def test_changed_pool_is_followed_by_a_new_process_and_no_gap(yard: Any, admin: Browser) -> None:
    before = worker_of(yard, "webhooks")
    change(admin, "/ops/settings/lanes/webhooks/", pool="prefork")
    psutil.wait_procs([before], timeout=60)
    after = worker_of(yard, "webhooks")
    assert after.pid != before.pid
    wait_for(lambda: slots(yard, "webhooks") == [4] and len(after.children()) == 4)


def worker_of(yard: Any, lane: str) -> psutil.Process:
    """Return the lane's worker; its children have the same name."""
    family = yard.named("worker", lane)
    [worker] = {each.pid for each in family} - {child.pid for each in family for child in each.children()}
    return psutil.Process(worker)


def slots(yard: Any, lane: str) -> list[int]:
    """Return the slots of each worker of the lane that is present."""
    present = rows(yard, "SELECT lane, slots FROM jobs_workerpresence")
    return [number for name, number in present if name == lane]


def rows(yard: Any, query: str) -> list[tuple[Any, ...]]:
    """Return what the yard's database answers."""
    with closing(psycopg2.connect(yard.database_url)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
