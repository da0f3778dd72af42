"""Who had another mailing of the school lately may be left out of the next one."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("emails", "0008_links_and_attachment_policies"),
    ]

    operations = [
        migrations.AddField(
            model_name="mailing",
            name="spares_lately",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="mailing",
            name="spared_ids",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.AddIndex(
            model_name="recipient",
            index=models.Index(
                models.F("school"),
                django.db.models.functions.text.Lower("address"),
                models.F("accepted_at"),
                condition=models.Q(("accepted_at__isnull", False)),
                name="recipient_had_mail",
            ),
        ),
    ]
