from django.db import migrations, models

PACK = """
ALTER TABLE mapping_zone ALTER COLUMN packed SET STORAGE EXTERNAL;
UPDATE mapping_zone SET packed = (SELECT string_agg(int8send(cell), '' ORDER BY cell) FROM unnest(members) cell)
WHERE members <> '{}';
"""


class Migration(migrations.Migration):
    dependencies = [("mapping", "0005_zone_sums")]

    operations = [
        migrations.AddField(model_name="zone", name="packed", field=models.BinaryField(null=True)),
        migrations.RunSQL(PACK, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="zone", name="members"),
        migrations.RenameField(model_name="zone", old_name="packed", new_name="members"),
    ]
