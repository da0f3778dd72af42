"""How many workers PostgreSQL has connections for: each needs one, and so do pages and commands."""

from collections.abc import Iterator

from django.db import connection
from django.utils.translation import gettext as _

from jobs.settings import Switchyard, switchyard
from jobs.soundness import Flaw

KEPT_FREE = 90
"""Connections that no worker of a lane gets: web servers, supervisors, Flower, commands, backups."""
TAKES = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
"""


def room_for_workers() -> int:
    """Return how many workers all lanes may have together, over all hosts."""
    return max(0, _connections() - KEPT_FREE)


def _connections() -> int:
    if (told := switchyard().supervision.connections) is not None:
        return told
    with connection.cursor() as cursor:
        cursor.execute(TAKES)
        (takes,) = cursor.fetchone()
    return int(takes)


def too_many(lane: str, *, workers: int, others: int) -> str:
    """Return why `lane` cannot have so many workers while the other lanes have `others`; else nothing."""
    room = room_for_workers()
    if workers + others <= room:
        return ""
    return _(
        "Each worker needs a connection to PostgreSQL, which has {room:,} for workers; the other "
        "lanes have {others:,}. Give {lane} at most {value:,}, or raise PostgreSQL's max_connections."
    ).format(room=room, others=others, lane=lane, value=max(0, room - others))


def crowding(after: Switchyard, *, before: Switchyard) -> Iterator[Flaw]:
    """Yield what is wrong where lanes are to have more workers than before, and than there is room for."""
    wanted, had = (sum(lane.workers for lane in each.lanes.values()) for each in (after, before))
    if wanted > had and wanted > (room := room_for_workers()):
        hint = _("Each needs a connection to PostgreSQL, which has {room:,} for workers.").format(room=room)
        yield Flaw(
            id="jobs.E006",
            says=_("All lanes together would have {wanted:,} workers.").format(wanted=wanted),
            hint=hint,
        )
