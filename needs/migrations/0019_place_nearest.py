from django.db import migrations, models

KINDS = (
    "shelter", "day_centre", "food", "shower", "laundry", "health", "clothes", "luggage", "charging", "animals", "legal",
    "fountain", "toilets",
)  # fmt: skip


def near(kind: str) -> migrations.RunSQL:
    """An index of the points of one kind, so that the nearest laundry is not looked for among all fountains.

    Django leaves out the condition of a GiST index of a point, so this is SQL.
    """
    return migrations.RunSQL(
        f"""CREATE INDEX place_near_{kind} ON needs_place USING gist (point)
        WHERE closed_at IS NULL AND NOT address_hidden AND kinds @> ARRAY['{kind}']::varchar(12)[]""",
        f"DROP INDEX place_near_{kind}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0018_place_imports"),
    ]

    operations = [
        *(near(kind) for kind in KINDS),
        migrations.AddIndex(
            model_name="place",
            index=models.Index(
                condition=models.Q(("address_hidden", True), ("closed_at", None)), fields=["name"], name="place_secret"
            ),
        ),
    ]
