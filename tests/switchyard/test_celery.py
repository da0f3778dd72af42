"""Which Celery application the platform's threads publish with."""

import os
import subprocess
import sys

from switchyard.env import ROOT

SAY_APP = """
import threading
import switchyard.wsgi
from celery import current_app
thread = threading.Thread(target=lambda: print(current_app.main))
thread.start()
thread.join()
"""


def test_threads_of_the_web_publish_with_our_application_whatever_the_environment() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    paths = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    command = [sys.executable, "-c", SAY_APP]
    said = subprocess.run(
        command, env=environment | {"PYTHONPATH": paths}, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "switchyard"
