"""What the processes of all lanes load for the sake of uploads, though most of them never read one."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOADS = """
import sys, django
django.setup()
import switchyard.urls
print(*sorted({"polars", "numpy", "fastexcel"} & set(sys.modules)))
"""


def test_no_process_loads_what_reads_and_compares_rows_before_it_does_so() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOADS],
        env={"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}", "DJANGO_SETTINGS_MODULE": "switchyard.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout.split() == []
