"""A process quits without further ado."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from queue import SimpleQueue

from jobs.quitting import quit_after

ROOT = Path(__file__).parents[2]
QUIT = """
import threading, sys
from jobs.quitting import quit_at_once
threading.Thread(target=threading.Event().wait).start()  # the interpreter would wait for it for ever
sys.stdout.write("said")
quit_at_once(3)
"""


def test_process_quits_with_all_that_it_said_and_waits_for_no_thread() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", QUIT],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (3, "said")


def test_process_whose_way_out_takes_too_long_quits() -> None:
    asked = threading.Event()
    codes: SimpleQueue[int] = SimpleQueue()
    quit_after(asked, seconds=0, leave=codes.put)
    assert codes.empty()
    asked.set()
    assert codes.get(timeout=20) == os.EX_OK
