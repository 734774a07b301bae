from django.db import migrations, models


class Migration(migrations.Migration):
    """Parts of the site that are switched off. After an upgrade the field is null: everything stays on."""

    dependencies = [("volunteers", "0007_where_associations_work")]
    operations = [
        migrations.AddField(
            model_name="sitedetails",
            name="features_off",
            field=models.JSONField(blank=True, null=True, verbose_name="parts that are switched off"),
        ),
    ]
