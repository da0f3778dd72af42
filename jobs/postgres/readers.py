"""Rows that each request reads, by statements that Django does not compose anew each time.

Composing a query of one row takes several times as long as PostgreSQL takes to answer it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models.options import Options

from jobs.postgres import prepared

Row = TypeVar("Row", bound=models.Model)


class Reader(Generic[Row]):
    """Reads rows of `model` by id, each with the row that its foreign key `along` leads to, if any.

    It knows neither deferred columns nor fields that convert what PostgreSQL says.
    """

    def __init__(self, model: type[Row], *, along: str) -> None:
        """Compose the statement once."""
        key: Any = _about(model).get_field(along)
        self._model, self._along, self._other = model, along, key.related_model
        self._names, self._others = _names(model), _names(self._other)
        columns = [*_columns(model, "one"), *_columns(self._other, "other")]
        self._statement = (
            f"SELECT {', '.join(columns)} FROM {_about(model).db_table} one "  # noqa: S608  (names of our own models)
            f"LEFT JOIN {_about(self._other).db_table} other ON other.id = one.{key.column} "
            "WHERE one.id = %(id)s"
        )

    def read(self, pk: Any) -> Row:
        """Return the row with this id.

        Raises:
            DoesNotExist: of the model; there is none.
            ValueError: such an id cannot be.
        """
        found = prepared.read(self._statement, {"id": _about(self._model).pk.get_prep_value(pk)})
        if not found:
            message = f"{self._model.__name__} {pk} does not exist."
            raise cast("Any", self._model).DoesNotExist(message)
        row = _made(self._model, self._names, found[0], "one")
        other = _made(self._other, self._others, found[0], "other")
        setattr(row, self._along, other if other.pk is not None else None)
        return row


def _about(model: type[models.Model]) -> "Options[Any]":
    return model._meta  # noqa: SLF001  (Django documents it)


def _names(model: type[models.Model]) -> Sequence[str]:
    return [field.attname for field in _about(model).concrete_fields]


def _columns(model: type[models.Model], table: str) -> Sequence[str]:
    return [f"{table}.{field.column} AS {table}_{field.attname}" for field in _about(model).concrete_fields]


def _made(model: type[Row], names: Sequence[str], found: Mapping[str, Any], table: str) -> Row:
    return model.from_db(DEFAULT_DB_ALIAS, names, [found[f"{table}_{name}"] for name in names])
