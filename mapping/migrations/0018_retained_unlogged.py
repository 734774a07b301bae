from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("mapping", "0017_map_versions")]

    operations = [migrations.RenameField("retainedevidence", "passes", "unlogged")]
