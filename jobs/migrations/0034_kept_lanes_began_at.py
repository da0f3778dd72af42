from django.db import migrations


class Migration(migrations.Migration):
    # The version before writes the column, so it stays in the database; a later migration drops it there.

    dependencies = [
        ("jobs", "0033_status_page"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="keptlane", name="began_at")],
        ),
    ]
