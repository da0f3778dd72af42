"""Which rows look like another person, in one number: it differs when these or the known rows do."""

from django.db import connection

from uploads.comparing import Comparison

SEEN = """
SELECT coalesce(bit_xor(hashtextextended(concat_ws(E'\\n', row, first, second, address), 0)), 0)
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS one(row, first, second, address)
"""


def seen_others(comparison: Comparison) -> int:
    """Return the number for the rows of a comparison that look like another person; 0 when there is none."""
    person = comparison.dataset.person
    others = comparison.changed.filter("is_other")
    if person is None or not others.height:
        return 0
    before = comparison.known[others["known"]]
    rows = comparison.good["row"][others["good"]]
    known = [before[name].to_list() for name in (*person.names, person.address)]
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [rows.to_list(), *known])
        seen: int = cursor.fetchone()[0]
    return seen
