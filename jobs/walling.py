"""The wall as PostgreSQL has it: a role for whoever works for a school, and policies of the tables for it.

The platform's own role owns the tables and meets no policy. For migrations, each of which walls the tables
that it makes: `tests/switchyard/test_walls.py` finds those without.
"""

from django.db.migrations import RunSQL

from jobs.postgres.base import ROLE, SETTING

SCHOOL = f"nullif(current_setting('{SETTING}', true), '')::bigint"
"""The school for which a connection works; NULL, and so nobody's rows, when it has the role alone."""

# Roles belong to the whole server: another database of it, or someone beforehand, may have made it.
MAKE_ROLE = f"""
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
        CREATE ROLE {ROLE} NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE insufficient_privilege USING
            MESSAGE = format('%I may not make the role {ROLE}, which keeps schools apart.', current_user),
            HINT = format('Let an administrator of PostgreSQL say once: CREATE ROLE {ROLE} NOLOGIN; '
                'GRANT {ROLE} TO %I;', current_user);
END
$$;
DO $$
DECLARE
    ours text := quote_ident(current_schema());
BEGIN
    IF NOT pg_has_role('{ROLE}', 'SET') THEN
        EXECUTE format('GRANT {ROLE} TO %I', current_user);
    END IF;
    EXECUTE 'GRANT USAGE ON SCHEMA ' || ours || ' TO {ROLE}';
    EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ' || ours || ' TO {ROLE}';
    EXECUTE 'GRANT USAGE ON ALL SEQUENCES IN SCHEMA ' || ours || ' TO {ROLE}';
    EXECUTE 'ALTER DEFAULT PRIVILEGES IN SCHEMA ' || ours
        || ' GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {ROLE}';
    EXECUTE 'ALTER DEFAULT PRIVILEGES IN SCHEMA ' || ours || ' GRANT USAGE ON SEQUENCES TO {ROLE}';
END
$$;
"""
LEAVE_ROLE = "SELECT 1"
"""Other databases of the server may need the role."""


def make_role() -> RunSQL:
    """Make the role, which may use all tables of now and later as far as their policies let it."""
    return RunSQL(MAKE_ROLE, reverse_sql=LEAVE_ROLE)


def wall(*tables: str, column: str = "school_id", seen: str = "", nobodys: bool = False) -> RunSQL:
    """Let a school find and change only rows that have it in `column`, and see also those that are `seen`.

    `nobodys` rows, which have no school, each school may change.
    """
    own = f"{column} = {SCHOOL}" + (f" OR {column} IS NULL" if nobodys else "")
    return _policies(tables, own=own, seen=seen)


def wall_by(parent: str, *, column: str, tables: tuple[str, ...], seen: str = "") -> RunSQL:
    """Let a school find and change only rows whose `column` leads to a row of `parent` that it owns."""
    leads = f"owner.id = {{table}}.{column}"
    own = f"EXISTS (SELECT FROM {parent} owner WHERE {leads} AND owner.school_id = {SCHOOL})"
    return _policies(tables, own=own, seen=seen)


def _policies(tables: tuple[str, ...], *, own: str, seen: str) -> RunSQL:
    """Return one message for each table: in a migration that is not atomic none waits with another locked."""
    return RunSQL(
        [_walled(table, own=own.format(table=table), seen=seen) for table in tables],
        reverse_sql=[f"{_open(table)} ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;" for table in tables],
    )


def _walled(table: str, *, own: str, seen: str) -> str:
    """Also after a migration that ended midway. A policy more costs each statement some microseconds."""
    look = f"CREATE POLICY seen_by_all ON {table} FOR SELECT TO {ROLE} USING ({seen});"
    return f"""
        {_open(table)}
        CREATE POLICY of_school ON {table} TO {ROLE} USING ({own}) WITH CHECK ({own});
        {look if seen else ""}
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    """


def _open(table: str) -> str:
    return f"DROP POLICY IF EXISTS of_school ON {table}; DROP POLICY IF EXISTS seen_by_all ON {table};"
