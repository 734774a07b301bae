import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# Folds and recomputes fill the new columns. An outline is written with each redrawn zone, and compressing its coordinates
# saves little.
FORWARDS = """
ALTER TABLE mapping_zone ALTER COLUMN shape SET STORAGE EXTERNAL;
ALTER TABLE mapping_zone ALTER COLUMN members SET STORAGE EXTERNAL;
"""
BACKWARDS = "ALTER TABLE mapping_zone ALTER COLUMN shape SET STORAGE MAIN;"


class Migration(migrations.Migration):
    dependencies = [("mapping", "0004_since_version_0_2")]

    operations = [
        migrations.AddField(
            model_name="zone",
            name="members",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, db_default=[]
            ),
        ),
        migrations.AddField(
            model_name="zone",
            name="sums",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.FloatField(), default=list, db_default=[]
            ),
        ),
        migrations.AlterField(
            model_name="zone",
            name="release",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="zones",
                to="mapping.release",
            ),
        ),
        migrations.AlterField(
            model_name="zone",
            name="territory",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="zones",
                to="volunteers.territory",
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
