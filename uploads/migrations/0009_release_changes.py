import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

NOTE = """
CREATE FUNCTION uploads_note_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO uploads_releasechange
        (school_id, student_id, document_type, choice, changed_at, changed_by_id, upload_id)
    SELECT NEW.school_id, NEW.id, said.document_type, said.choice, now(),
        nullif(current_setting('switchyard.person', true), '')::bigint,
        nullif(current_setting('switchyard.upload', true), '')::bigint
    FROM (VALUES
        ('resume', NEW.resume_release, CASE TG_OP WHEN 'UPDATE' THEN OLD.resume_release ELSE '' END),
        ('transcript', NEW.transcript_release, CASE TG_OP WHEN 'UPDATE' THEN OLD.transcript_release ELSE '' END)
    ) AS said (document_type, choice, before)
    WHERE said.choice <> said.before;
    RETURN NULL;
END
$$;
CREATE TRIGGER uploads_note_release_said AFTER INSERT ON uploads_student
    FOR EACH ROW WHEN (NEW.resume_release <> '' OR NEW.transcript_release <> '')
    EXECUTE FUNCTION uploads_note_release();
CREATE TRIGGER uploads_note_release_changed AFTER UPDATE OF resume_release, transcript_release ON uploads_student
    FOR EACH ROW WHEN (
        OLD.resume_release <> NEW.resume_release OR OLD.transcript_release <> NEW.transcript_release
    )
    EXECUTE FUNCTION uploads_note_release();
"""
LET_GO = """
DROP TRIGGER uploads_note_release_said ON uploads_student;
DROP TRIGGER uploads_note_release_changed ON uploads_student;
DROP FUNCTION uploads_note_release();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0040_status_subscribers"),
        ("uploads", "0008_applications"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReleaseChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("student_id", models.BigIntegerField()),
                (
                    "document_type",
                    models.CharField(
                        choices=[("resume", "Résumé"), ("transcript", "Transcript")], max_length=10
                    ),
                ),
                (
                    "choice",
                    models.CharField(
                        blank=True,
                        choices=[("", "Not said"), ("yes", "Released"), ("no", "Refused")],
                        max_length=3,
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="jobs.school"
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="uploads.upload",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["school", "student_id", "-id"], name="release_change_of_student")
                ],
            },
        ),
        migrations.RunSQL(NOTE, reverse_sql=LET_GO),
    ]
