"""What the processes of all lanes load for the sake of uploads, though most of them never read one."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOADS = """
import sys, django
django.setup()
import switchyard.urls
print(*sorted({"numpy", "fastexcel"} & set(sys.modules)))
"""


def test_only_confined_processes_load_what_reads_the_files() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOADS],
        env={"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}", "DJANGO_SETTINGS_MODULE": "switchyard.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout.split() == []
