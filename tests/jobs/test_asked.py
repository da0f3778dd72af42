"""A signal that asks to end is heard, whatever it interrupts."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from queue import SimpleQueue

import pytest

from jobs.asked import leave_after

ROOT = Path(__file__).parents[2]
SUPERVISOR = """
import threading
from jobs.asked import set_when_asked
asked = threading.Event()
set_when_asked(asked, signals=[signal.SIGTERM])
"""
YARD = """
from switchyard.yard.asking import Asking
asking = Asking()
asking.listen()
asked = asking._asked
"""
IN_THE_MIDDLE_OF_ITS_WAIT = """
with asked._cond:
    signal.raise_signal(signal.SIGTERM)
print(asked.wait(10))
"""


@pytest.mark.parametrize("listens", [SUPERVISOR, YARD])
def test_signal_in_the_middle_of_the_wait_for_it_is_heard(listens: str) -> None:
    code = "import signal\n" + listens + IN_THE_MIDDLE_OF_ITS_WAIT
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert ran.stdout == "True\n"


def test_process_whose_way_out_takes_too_long_leaves() -> None:
    asked = threading.Event()
    codes: SimpleQueue[int] = SimpleQueue()
    leave_after(asked, seconds=0, leave=codes.put)
    assert codes.empty()
    asked.set()
    assert codes.get(timeout=20) == os.EX_OK
