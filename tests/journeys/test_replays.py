"""The short forms of the replays, with generous bounds: the incidents cannot come back unseen."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from switchyard.env import ROOT

from tests.beside import MEASURING
from tests.seeds import Seed

pytestmark = [pytest.mark.journey, pytest.mark.alone]

LIMIT_SECONDS = 300
FOREIGN = (
    "SWITCHYARD_",
    "DATABASE_URL",
    "BROKER_URL",
    "MAIL_",
    "DJANGO_SETTINGS_MODULE",
    "REPLAY_",
    MEASURING,
)
NOT_NOTICED_SECONDS = 1.5
"""Generous: other tests and their servers share the processors with a replay."""
SLOT_LATE_SECONDS = 4.0
"""So much later than its limit a hung call may end on a machine that is full; the silence lasts seven."""
ENDED_TOGETHER = 3
"""Calls that hung at the same time as the fifth may end before its failure is written."""


def replay(name: str, *, seed: Seed, **given: object) -> dict[str, Any]:
    """Run a replay on the platform alone and return its figures."""
    kept = {variable: value for variable, value in os.environ.items() if not variable.startswith(FOREIGN)}
    words = {variable: str(value) for variable, value in given.items()}
    ran = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{name}"],
        cwd=ROOT,
        env={**kept, **words, "REPLAY_SEED": str(seed.home()), f"BENCH_{name.upper()}_SIDES": "switchyard"},
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-5000:]
    print(ran.stdout)  # noqa: T201  (pytest shows the figures when the test fails)
    figures: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def is_not_noticed(loaded: dict[str, Any], idle: dict[str, Any]) -> bool:
    """Say whether codes began as if nothing had happened, but for the processors that others had."""
    longest = max(NOT_NOTICED_SECONDS * 1000, 5 * idle["code_begun"]["p50_ms"])
    return bool(loaded["code_begun"]["count"] > 0 and loaded["code_begun"]["p50_ms"] < longest)


def test_storm_of_large_mailings_holds_up_no_code_packet_or_upload(seed: Seed) -> None:
    ours = replay("storm", seed=seed, BENCH_STORM_SECONDS=6, BENCH_STORM_ROUNDS=1, BENCH_STORM_SCHOOLS=8)[
        "switchyard"
    ]
    assert ours["relay_megabytes_per_second"][0] > 5  # there was a storm
    assert is_not_noticed(ours["storm"], ours["idle"])
    # On a machine that is full a packet takes its time in the calm too.
    calm = max(ours["beside"]["job_seconds"].values())
    assert max(ours["storm"]["job_seconds"].values()) < max(5, 4 * calm)


def test_host_that_never_answers_holds_few_slots_and_no_other_lane(seed: Seed) -> None:
    short = {"REPLAY_READ_SECONDS": 1, "REPLAY_RELAY_SECONDS": 2, "BENCH_HANG_SECONDS": 7}
    ours = replay("hang", seed=seed, **short)["switchyard"]
    assert is_not_noticed(ours["silent"], ours["calm"])
    assert ours["host"]["hung_calls_until_open"] <= 5
    assert ours["host"]["slot_held_at_most_seconds"] < 1 + SLOT_LATE_SECONDS
    assert ours["host"]["hung_calls_in_all"] < 15  # of 35 messages
    # On a machine that is full the relay may not be called five times in so short a silence.
    assert ours["relay"].get("hung_calls_until_open", 0) <= 5 + ENDED_TOGETHER
    assert ours["relay"]["first_code_after_recovery_seconds"] < 30


def test_small_mailings_do_not_wait_for_a_big_one_and_schools_share_evenly(seed: Seed) -> None:
    figures = replay("fair", seed=seed, BENCH_FAIR_BIG=1000, BENCH_FAIR_ROUNDS=0, REPLAY_PART_RECIPIENTS=25)
    ours = figures["switchyard"]
    assert ours["small_beside_seconds"][1] < 0.8 * ours["big_beside_seconds"]
    assert ours["big_work_ratio"] < 1.5
    assert figures["shares"]["farthest_in_parts"] < 4
    assert figures["shares"]["idle_share"] < 0.25


def test_mailing_that_turns_slow_is_moved_aside_and_another_school_goes_on(seed: Seed) -> None:
    figures = replay("slow", seed=seed, BENCH_SLOW_MAILS=2500, BENCH_SLOW_BACK=0)
    assert figures["seconds_to_move"] < 60
    assert figures["plain_after_the_move_seconds"] < 30
    assert (figures["state"], figures["accepted"]) == ("done", figures["mails"])
