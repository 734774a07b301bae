import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mapping", "0006_unseen_expected"),
        ("volunteers", "0011_labels_of_the_administration"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="recompute",
            options={
                "get_latest_by": "started_at",
                "verbose_name": "computation of all cells",
                "verbose_name_plural": "computations of all cells",
            },
        ),
        migrations.AlterModelOptions(
            name="release",
            options={"get_latest_by": "published_at", "verbose_name": "release", "verbose_name_plural": "releases"},
        ),
        migrations.AlterField(
            model_name="coveragesettings",
            name="m0",
            field=models.FloatField(default=1.0, editable=False, verbose_name="prior mean per cell"),
        ),
        migrations.AlterField(
            model_name="coveragesettings",
            name="model",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="mapping.parameters",
                verbose_name="model of the zones",
            ),
        ),
        migrations.AlterField(
            model_name="coveragesettings",
            name="resolution",
            field=models.PositiveSmallIntegerField(default=9, verbose_name="resolution of the cells"),
        ),
        migrations.AlterField(
            model_name="parameters",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to=settings.AUTH_USER_MODEL,
                verbose_name="author",
            ),
        ),
        migrations.AlterField(
            model_name="parameters",
            name="made_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="made"),
        ),
        migrations.AlterField(
            model_name="parameters",
            name="reason",
            field=models.CharField(blank=True, max_length=300, verbose_name="reason"),
        ),
        migrations.AlterField(
            model_name="parameters",
            name="territory",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="parameters",
                to="volunteers.territory",
                verbose_name="territory",
            ),
        ),
        migrations.AlterField(
            model_name="parameters",
            name="values",
            field=models.JSONField(
                help_text="names and values as in mapping.coverage.coverage_model.Model", verbose_name="values"
            ),
        ),
        migrations.AlterField(
            model_name="recompute",
            name="cells",
            field=models.PositiveIntegerField(default=0, verbose_name="cells"),
        ),
        migrations.AlterField(
            model_name="recompute",
            name="difference",
            field=models.FloatField(null=True, verbose_name="largest difference"),
        ),
        migrations.AlterField(
            model_name="recompute",
            name="finished_at",
            field=models.DateTimeField(null=True, verbose_name="finished"),
        ),
        migrations.AlterField(
            model_name="recompute",
            name="job",
            field=models.CharField(max_length=12, verbose_name="job"),
        ),
        migrations.AlterField(
            model_name="recompute",
            name="started_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="started"),
        ),
        migrations.AlterField(
            model_name="recompute",
            name="zones",
            field=models.PositiveIntegerField(default=0, verbose_name="zones"),
        ),
        migrations.AlterField(
            model_name="release",
            name="as_of",
            field=models.DateTimeField(verbose_name="reports until"),
        ),
        migrations.AlterField(
            model_name="release",
            name="audience",
            field=models.CharField(
                choices=[("public", "the public"), ("volunteer", "volunteers"), ("association", "associations")],
                max_length=12,
                verbose_name="audience",
            ),
        ),
        migrations.AlterField(
            model_name="release",
            name="published_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="published"),
        ),
    ]
