"""The status "searched", and whether a zone's territory has a count with a source. Invented figures end at once; the next
computation of all cells gives these zones their statuses."""

from django.db import migrations, models

STATUSES = [
    (1, "covered"),
    (2, "under-covered"),
    (3, "uncovered"),
    (4, "to verify"),
    (5, "never searched, or searched too little"),
    (6, "contradictory"),
    (7, "searched"),
]
END_INVENTED_FIGURES = """
    UPDATE mapping_zone SET counted = false, persons = 0, persons_low = 0, persons_high = 0, chance = 0, help_share = 0,
        sums = '{}'
    WHERE territory_id IN (SELECT t.id FROM volunteers_territory t WHERE COALESCE((
        SELECT o.count_kind = '' FROM volunteers_territory o
        WHERE o.expected_persons IS NOT NULL AND starts_with(t.path, o.path) ORDER BY length(o.path) DESC LIMIT 1), true))
"""


def status(**options: object) -> models.Field:
    return models.PositiveSmallIntegerField(choices=STATUSES, **options)


class Migration(migrations.Migration):
    dependencies = [
        ("mapping", "0009_field_words_and_answers"),
        ("volunteers", "0006_source_of_counts"),
    ]

    operations = [
        migrations.AddField("zone", "counted", models.BooleanField(db_default=True, default=True)),
        *(
            migrations.AlterField(model, name, status(**options))
            for model, name, options in (
                ("cellstate", "computed", {"default": 5}),
                ("cellstate", "status", {"default": 5}),
                ("lowzoomcell", "status", {}),
                ("override", "model_status", {"null": True}),
                ("override", "status", {}),
                ("publicplace", "status", {}),
                ("zone", "computed", {"default": 5}),
                ("zone", "status", {}),
                ("zonechange", "before", {"null": True}),
                ("zonechange", "status", {"null": True}),
            )
        ),
        migrations.RunSQL(END_INVENTED_FIGURES, migrations.RunSQL.noop),
    ]
