"""Statements that the server plans once for each connection: planning takes longer than what they do."""

import itertools
import re
from collections.abc import Mapping
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections

from jobs.postgres.base import DatabaseWrapper

_numbers = itertools.count(1)


def read(statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of `statement`, by column, with `values` for its `%(name)s`.

    The server may keep to a plan until tables are analyzed anew, or the connection ends after a minute: so
    give it statements that find what they need by indexes, whatever the values are. A value's type follows
    from what stands beside it: beside a whole number, write `%(name)s::float`.
    """
    ours = cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
    ours.ensure_connection()
    name = ours.prepared.get(statement)
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))
    asks = f"EXECUTE {{}} ({', '.join(f'%({each})s' for each in names)})"
    with ours.cursor() as cursor:
        if name is None:
            # One that failed midway may be there: so a new one has a new name.
            name = f"switchyard_{next(_numbers)}"
            numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement)
            cursor.execute(f"PREPARE {name} AS {numbered}; {asks.format(name)}", values)
            ours.prepared[statement] = name
        else:
            cursor.execute(asks.format(name), values)
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
