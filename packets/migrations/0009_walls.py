"""PostgreSQL keeps schools apart: see docs/decisions/0024."""

from django.db import migrations

from jobs.walling import wall

OWN = (
    "packets_chunk",
    "packets_delivery",
    "packets_disclosure",
    "packets_leftout",
    "packets_packet",
    "packets_packetpolicy",
    "packets_packetstudent",
    "packets_packettemplate",
    "packets_pagecount",
    "packets_pagepicture",
    "packets_readydocument",
    "packets_share",
)


class Migration(migrations.Migration):
    atomic = False  # as in jobs

    dependencies = [
        ("jobs", "0049_walls"),
        ("packets", "0008_who_was_held"),
    ]

    operations = [
        wall(*OWN),
    ]
