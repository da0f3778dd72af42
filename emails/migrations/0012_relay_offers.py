"""What mail relays offer, as workers hear it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("emails", "0011_own_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="RelayOffer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("host", models.CharField(max_length=255)),
                ("port", models.PositiveIntegerField()),
                ("most_bytes", models.BigIntegerField()),
                ("starttls", models.BooleanField()),
                ("chunking", models.BooleanField()),
                ("pipelining", models.BooleanField()),
                ("utf8", models.BooleanField()),
                ("told_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("host", "port"), name="relay_offer_is_one_of_its_relay")
                ],
            },
        ),
    ]
