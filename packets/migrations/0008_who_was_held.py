import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0040_status_subscribers"),
        ("packets", "0007_delivery"),
    ]

    operations = [
        migrations.AddField(
            model_name="packet",
            name="held",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), null=True, size=None
            ),
        ),
        migrations.AddField(
            model_name="disclosure",
            name="students",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), null=True, size=None
            ),
        ),
        migrations.AddIndex(
            model_name="disclosure",
            index=django.contrib.postgres.indexes.GinIndex(fields=["students"], name="disclosure_of_student"),
        ),
        migrations.AddIndex(
            model_name="packetstudent",
            index=models.Index(fields=["school", "student_id"], name="packet_student_of_student"),
        ),
    ]
