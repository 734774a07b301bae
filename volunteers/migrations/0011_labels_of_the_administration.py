import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("volunteers", "0010_applications_and_profiles"),
    ]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="association",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to="volunteers.association",
                verbose_name="association",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="left_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="left"),
        ),
        migrations.AlterField(
            model_name="membership",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AlterField(
            model_name="territory",
            name="path",
            field=models.CharField(
                db_collation="natural_order",
                editable=False,
                max_length=400,
                unique=True,
                verbose_name="position in the tree",
            ),
        ),
    ]
