from django.db import migrations

# Every recompute updates all rows. With room in each page, PostgreSQL writes the new version of a row beside the old one
# and adds no index entries (docs/adr/0042-fewer-round-trips.md).
FORWARDS = """
ALTER TABLE mapping_cellstate SET (fillfactor = 45);
ALTER TABLE mapping_zone SET (fillfactor = 45);
"""
BACKWARDS = """
ALTER TABLE mapping_cellstate RESET (fillfactor);
ALTER TABLE mapping_zone RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("mapping", "0018_retained_unlogged")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
