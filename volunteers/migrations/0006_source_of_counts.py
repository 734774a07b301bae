from django.db import migrations, models

NAMED = """
UPDATE volunteers_territory SET count_kind = 'official' WHERE expected_persons IS NOT NULL AND btrim(count_source) <> '';
"""


class Migration(migrations.Migration):
    """A number of people whose source somebody wrote down becomes an official figure of unknown age. Every other number
    has no source: its kind stays empty."""

    dependencies = [("volunteers", "0005_administrators")]
    operations = [
        migrations.AddField(
            model_name="territory",
            name="count_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("count", "a count by night"),
                    ("official", "an official figure"),
                    ("estimate", "an estimate by teams"),
                ],
                db_default="",
                default="",
                max_length=8,
                verbose_name="kind of the count",
            ),
        ),
        migrations.AddField(
            model_name="territory",
            name="counted_on",
            field=models.DateField(blank=True, null=True, verbose_name="day of the count"),
        ),
        migrations.AddField(
            model_name="territory",
            name="count_link",
            field=models.URLField(
                blank=True, db_default="", default="", max_length=300, verbose_name="link to the count"
            ),
        ),
        migrations.AddField(
            model_name="territory",
            name="count_error",
            field=models.FloatField(blank=True, null=True, verbose_name="relative error of the count"),
        ),
        migrations.AddField(
            model_name="territory",
            name="count_low",
            field=models.FloatField(blank=True, null=True, verbose_name="at least"),
        ),
        migrations.AddField(
            model_name="territory",
            name="count_high",
            field=models.FloatField(blank=True, null=True, verbose_name="at most"),
        ),
        migrations.AddField(
            model_name="territory",
            name="count_entered_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
    ]
