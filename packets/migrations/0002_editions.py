"""A packet can be built again: editions tell one building from the next."""

from django.db import migrations, models


def note_what_is_built(apps, _schema_editor):  # noqa: ANN001, ANN201 - Django's own signature
    apps.get_model("packets", "Packet").objects.filter(result__isnull=False).update(built=1)


class Migration(migrations.Migration):
    dependencies = [
        ("packets", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="packet",
            name="built",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="packet",
            name="edition",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="chunk",
            name="edition",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.RemoveConstraint(
            model_name="chunk",
            name="chunk_is_unique",
        ),
        migrations.AddConstraint(
            model_name="chunk",
            constraint=models.UniqueConstraint(
                fields=("packet", "edition", "number"), name="chunk_is_unique"
            ),
        ),
        migrations.RunPython(note_what_is_built, migrations.RunPython.noop),
    ]
