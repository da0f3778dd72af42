"""What was done, by whom and why is only added to: PostgreSQL refuses to change or delete it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = ("jobs_jobevent", "jobs_holdevent", "jobs_personevent", "jobs_settingsversion")
FUNCTION = """
CREATE FUNCTION jobs_record_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('switchyard.forgetting', true) = 'on' THEN
        RETURN OLD;
    END IF;
    -- Who did something to a job may be forgotten when their login is deleted.
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'jobs_jobevent'
        AND to_jsonb(NEW) = to_jsonb(OLD) || '{"by_id": null}' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'What % holds is never changed, and deleted by pruning alone.', TG_TABLE_NAME;
END
$$;
"""
KEEP = """
CREATE TRIGGER jobs_record_stays BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION jobs_record_stays();
"""
LET_GO = "DROP TRIGGER jobs_record_stays ON {table};"


def of_all(statement: str) -> str:
    """Return the statement for each of the tables."""
    return "".join(statement.format(table=table) for table in TABLES)


def doer() -> models.ForeignKey:
    """Return the column of who did something: they are let in no more, but not deleted."""
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0042_typed_forms"),
    ]

    operations = [
        migrations.AlterField(model_name="holdevent", name="by", field=doer()),
        migrations.AlterField(model_name="settingsversion", name="made_by", field=doer()),
        migrations.RunSQL(
            FUNCTION + of_all(KEEP), reverse_sql=of_all(LET_GO) + "DROP FUNCTION jobs_record_stays();"
        ),
    ]
