"""Databases for tests that start the platform's own processes."""

import psycopg2
from psycopg2 import sql


def make_database(server: str, *, name: str, like: str = "template1") -> str:
    """Make a database on the server, with what `like` has, and return its address.

    `like` may have no connection: the fixture `migrated` names one with all tables.
    """
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        cursor.execute(made.format(sql.Identifier(name), sql.Identifier(like)))
    connection.close()
    return f"{server.rpartition('/')[0]}/{name}"
