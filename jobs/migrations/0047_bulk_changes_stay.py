"""Changes of many jobs are only added to, as the other records: see 0043."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0046_lists_of_jobs"),
    ]

    operations = [
        migrations.AlterField(
            model_name="bulkchange",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(
            """
            CREATE TRIGGER jobs_record_stays BEFORE UPDATE OR DELETE ON jobs_bulkchange
                FOR EACH ROW EXECUTE FUNCTION jobs_record_stays();
            """,
            reverse_sql="DROP TRIGGER jobs_record_stays ON jobs_bulkchange;",
        ),
    ]
