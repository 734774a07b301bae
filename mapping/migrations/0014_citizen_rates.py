"""Rates of citizens' reports. In cell states, citizens have one plain sum: the decayed weight U of their reports.

U replaces the sum after the limits, so it is computed from the evidence, with the parameters in force. Without a version of
the rates, all rates are 0.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# U of each cell at the day of its state. One report counts per source, cell and day, with its highest trust; at most
# cell_day_limit counts per cell and day, at the time of the day's last report. Erased reports have retained sums. A version
# of the parameters that lacks a name has the published value.
FILL = """
    WITH model AS (
        SELECT g.territory_id AS territory,
               COALESCE((p.values->>'account_trust')::float8, 0.3) AS account,
               COALESCE((p.values->>'citizen_trust')::float8, 0.2) AS other,
               COALESCE((p.values->>'cell_day_limit')::float8, 1) AS most,
               COALESCE((p.values->>'half_life')::float8, 10) AS life
        FROM mapping_coveragesettings g JOIN mapping_parameters p ON p.id = g.model_id
    ), source AS (
        SELECT c.cell, c.day AS today, m.life, m.most, floor(e.day) AS whole_day, max(e.day) AS last,
               max(CASE e.source WHEN 2 THEN m.account ELSE m.other END) AS trust
        FROM mapping_cellstate c JOIN model m ON m.territory = c.territory
        JOIN mapping_evidence e ON e.cell = c.cell AND e.source >= 2 AND e.day <= c.day
        WHERE c.day - e.day < 48 * m.life
        GROUP BY c.cell, c.day, m.life, m.most, floor(e.day), e.origin
    ), daily AS (
        SELECT cell, least(sum(trust), most) * exp2(-(today - max(last)) / life) AS weight
        FROM source GROUP BY cell, today, life, most, whole_day
    ), retained AS (
        SELECT c.cell, r.persons[array_position(r.lives, m.life)] * exp2(-(c.day - r.day) / m.life) AS weight
        FROM mapping_cellstate c JOIN model m ON m.territory = c.territory
        JOIN mapping_retainedevidence r ON r.cell = c.cell AND r.source = 3 AND r.day <= c.day
        WHERE m.life = ANY(r.lives)
    ), total AS (
        SELECT cell, sum(weight) AS weight FROM (SELECT * FROM daily UNION ALL SELECT * FROM retained) w GROUP BY cell
    )
    UPDATE mapping_cellstate c SET ac = COALESCE(t.weight, 0)
    FROM mapping_cellstate o LEFT JOIN total t ON t.cell = o.cell WHERE o.cell = c.cell
    """.replace("exp2(", "power(2::float8, ")


class Migration(migrations.Migration):
    dependencies = [("mapping", "0013_help_by_day"), ("volunteers", "0001_initial")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop, elidable=True),
        migrations.AddField("cellstate", "citizen_rate", models.FloatField(default=0)),
        migrations.RemoveField("cellstate", "xc"),
        migrations.DeleteModel("RetainedSource"),
        migrations.CreateModel(
            name="CitizenRates",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
                ("day", models.FloatField()),
                ("rate", models.FloatField()),
                ("quarters", django.contrib.postgres.fields.ArrayField(models.BigIntegerField())),
                ("rates", django.contrib.postgres.fields.ArrayField(models.FloatField())),
                ("days", models.FloatField()),
                ("reports", models.PositiveIntegerField()),
                ("weight", models.FloatField()),
                ("person_days", models.FloatField()),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["territory", "-made_at"], name="citizenrates_in_force")],
            },
        ),
    ]
