"""Help is counted over exactly seven days (docs/adr/0032): daily buckets replace the decayed sum S."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

import mapping.coverage.models

# The buckets as mapping.coverage.help_by_day defines them: position d mod 9 contains the contacts of the day d. The
# states stay as of their own day. Cells without help in these days keep the default.
_BUCKETS = ", ".join(f"COALESCE(sum(contacts) FILTER (WHERE place = {place}), 0)" for place in range(9))
FILL = f"""
    UPDATE mapping_cellstate c SET help = v.help
    FROM (
        SELECT cell, ARRAY[{_BUCKETS}]::float8[] AS help
        FROM (
            SELECT e.cell, e.contacts, mod(mod(LEAST(floor(e.day), floor(s.day) + 1)::int, 9) + 9, 9) AS place
            FROM mapping_evidence e JOIN mapping_cellstate s ON s.cell = e.cell
            WHERE e.contacts > 0 AND e.day >= floor(s.day) - 7
        ) d GROUP BY cell
    ) v WHERE v.cell = c.cell
"""


class Migration(migrations.Migration):
    dependencies = [("mapping", "0012_digests")]

    operations = [
        migrations.AddIndex(
            "evidence", models.Index(fields=["day"], condition=models.Q(contacts__gt=0), name="evidence_help")
        ),
        migrations.AddField(
            "cellstate", "help", ArrayField(models.FloatField(), default=mapping.coverage.models.no_help)
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop, elidable=True),
        migrations.RemoveField("cellstate", "s"),
        migrations.RemoveField("retainedevidence", "contacts"),
    ]
