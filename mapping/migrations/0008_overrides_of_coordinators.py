import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mapping", "0007_ranges_and_hindcasts"),
        ("volunteers", "0004_one_prefix_index_of_words"),
    ]

    operations = [
        migrations.AlterField(
            model_name="override",
            name="association",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="overrides",
                to="volunteers.association",
            ),
        ),
    ]
