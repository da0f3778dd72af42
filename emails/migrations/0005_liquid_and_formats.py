"""Text and subject of each mailing get the merge fields of Liquid, and a mailing the way it was written."""

import re
from collections.abc import Callable
from typing import Any

from django.db import migrations, models

TOKEN = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")
FIELDS = {"first_name", "last_name", "major", "graduation_year", "school"}
BATCH_ROWS = 500


def to_liquid(text: str) -> str:
    """Write `{first_name}` as `{{ first_name }}`, and the doubled braces of old as what they meant."""
    return TOKEN.sub(_token, text)


def to_braces(text: str) -> str:
    """Write it as it was before; what only Liquid can say stays as it is."""
    return re.sub(r'\{\{ (\w+) \}\}|\{\{ "\{" \}\}|[{}]', _back, text)


def _token(found: re.Match[str]) -> str:
    if found[1] is not None and found[1].strip() in FIELDS:
        return f"{{{{ {found[1].strip()} }}}}"
    return {"{{": '{{ "{" }}', "}}": "}"}.get(found[0], found[0])


def _back(found: re.Match[str]) -> str:
    if found[1]:
        return f"{{{found[1]}}}"
    return "{{" if found[0].startswith("{{") else found[0] * 2


def _rewrite(apps: Any, rewrite: Callable[[str], str]) -> None:
    mailings = apps.get_model("emails", "Mailing").objects.only("subject", "body")
    batch = []
    for mailing in mailings.iterator(chunk_size=BATCH_ROWS):
        mailing.subject, mailing.body = rewrite(mailing.subject), rewrite(mailing.body)
        batch.append(mailing)
        if len(batch) == BATCH_ROWS:
            mailings.bulk_update(batch, ["subject", "body"])
            batch = []
    mailings.bulk_update(batch, ["subject", "body"])


def forwards(apps: Any, _schema_editor: Any) -> None:
    _rewrite(apps, to_liquid)


def backwards(apps: Any, _schema_editor: Any) -> None:
    _rewrite(apps, to_braces)


class Migration(migrations.Migration):
    dependencies = [("emails", "0004_suppressions_and_bounces")]

    operations = [
        migrations.AlterField(
            model_name="mailing",
            name="subject",
            field=models.CharField(max_length=1000),
        ),
        migrations.AddField(
            model_name="mailing",
            name="body_format",
            field=models.CharField(
                choices=[("text", "Plain text"), ("markdown", "Formatted with Markdown"), ("html", "HTML")],
                default="text",
                max_length=8,
            ),
        ),
        migrations.RunPython(forwards, backwards),
    ]
