"""A planned end of duties."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0011_labels_of_the_administration")]

    operations = [
        migrations.AddField(
            model_name="assignment",
            name="until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="until"),
        )
    ]
