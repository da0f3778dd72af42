"""Makes an empty database what a release left: python -m tests.upgrade.begin RELEASE."""

import sys
from pathlib import Path

import django
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tests.upgrade import recording


def main(release: str) -> None:
    """Migrate as far as the release had, write its rows, and lay its doorbells into the broker's queues."""
    django.setup()
    folder = Path(__file__).parent / release
    facts = recording.facts_of(folder)
    for app, migration in facts.migrations.items():
        call_command("migrate", app, migration, verbosity=0, skip_checks=True)
    with connection.cursor() as cursor:
        recording.restore(folder, cursor.cursor, now=timezone.now())
    broker = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    for lane, doorbells in facts.doorbells.items():
        broker.rpush(lane, *doorbells)


if __name__ == "__main__":
    main(sys.argv[1])
