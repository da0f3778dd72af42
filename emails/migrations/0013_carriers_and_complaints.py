"""Mailings know what took their mails, complaints are a state, and who lacks a file is in the ledger."""

from typing import Any

from django.db import migrations, models


def note_relay(apps: Any, _: Any) -> None:
    """Mailings that were sent before providers were there went by the relay."""
    sent = apps.get_model("emails", "Mailing").objects.filter(job__isnull=False)
    sent.update(carriers=["relay"])


class Migration(migrations.Migration):
    """See the models `Mailing` and `Recipient`."""

    dependencies = [("emails", "0012_relay_offers")]

    operations = [
        migrations.AddField(
            model_name="mailing",
            name="carriers",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="mailing",
            name="lacking_ids",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.AlterField(
            model_name="recipient",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("sending", "Being sent"),
                    ("accepted", "Accepted"),
                    ("refused", "Refused"),
                    ("uncertain", "Uncertain"),
                    ("suppressed", "Left out"),
                    ("lacking", "Left out: no file"),
                    ("bounced", "Came back"),
                    ("complained", "Called it spam"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint(
            model_name="recipient",
            name="recipient_accepted_at_fits_its_state",
        ),
        migrations.AddConstraint(
            model_name="recipient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at__isnull", False), ("state", "accepted")),
                    ("state__in", ("bounced", "complained")),
                    models.Q(
                        models.Q(("state__in", ("accepted", "bounced", "complained")), _negated=True),
                        ("accepted_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="recipient_accepted_at_fits_its_state",
            ),
        ),
        migrations.RunPython(note_relay, migrations.RunPython.noop),
    ]
