from django.db import migrations, models

PACK = """
UPDATE mapping_zone SET packed = (SELECT string_agg(int8send(cell), '' ORDER BY cell) FROM unnest(members) cell)
WHERE members <> '{}';
"""
STORAGE = "ALTER TABLE mapping_zone ALTER COLUMN members SET STORAGE EXTERNAL;"


class Migration(migrations.Migration):
    dependencies = [("mapping", "0005_zone_sums")]

    operations = [
        migrations.AddField(model_name="zone", name="packed", field=models.BinaryField(null=True)),
        migrations.RunSQL(PACK, migrations.RunSQL.noop, elidable=True),
        migrations.RemoveField(model_name="zone", name="members"),
        migrations.RenameField(model_name="zone", old_name="packed", new_name="members"),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
    ]
