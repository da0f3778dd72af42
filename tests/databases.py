"""Databases for tests that start the platform's own processes."""

import psycopg2
from psycopg2 import sql


def make_database(server: str, *, name: str) -> str:
    """Make an empty database on the server and return its address."""
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    connection.close()
    return f"{server.rpartition('/')[0]}/{name}"
