"""Monthly sums count visits, and are summed again once a month is over."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("mapping", "0012_monthly_sums")]

    operations = [
        # Sums of the former kind contain unfinished months; the nightly task sums the months that still have their reports.
        migrations.RunSQL("DELETE FROM mapping_monthlysum", migrations.RunSQL.noop),
        migrations.RenameField("monthlysum", "tours", "visits"),
    ]
