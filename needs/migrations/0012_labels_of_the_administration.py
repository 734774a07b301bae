import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0011_association_months"),
        ("volunteers", "0011_labels_of_the_administration"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="retraction",
            options={"verbose_name": "retraction", "verbose_name_plural": "retractions"},
        ),
        migrations.AlterField(
            model_name="aid",
            name="association",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="aid",
                to="volunteers.association",
                verbose_name="association",
            ),
        ),
        migrations.AlterField(
            model_name="aid",
            name="channel",
            field=models.CharField(
                choices=[
                    ("web", "web form"),
                    ("phone", "telephone"),
                    ("import", "import"),
                    ("event_log", "event log"),
                    ("demo", "demonstration"),
                    ("api", "API"),
                    ("open311", "Open311"),
                ],
                default="web",
                max_length=10,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="aid",
            name="contacts",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="people helped"),
        ),
        migrations.AlterField(
            model_name="aid",
            name="filed_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="filed"),
        ),
        migrations.AlterField(
            model_name="aid",
            name="given",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("food", "food"),
                        ("water", "water"),
                        ("clothes", "clothes"),
                        ("blanket", "blanket"),
                        ("tent", "tent"),
                        ("hygiene", "hygiene"),
                        ("health", "health care"),
                        ("shelter", "shelter"),
                        ("papers", "papers"),
                        ("transport", "transport"),
                        ("phone", "phone"),
                        ("pet", "pet"),
                        ("company", "company"),
                        ("other", "other"),
                    ],
                    max_length=10,
                ),
                blank=True,
                default=list,
                verbose_name="given",
            ),
        ),
        migrations.AlterField(
            model_name="aid",
            name="retracted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="taken back"),
        ),
        migrations.AlterField(
            model_name="citizenreport",
            name="channel",
            field=models.CharField(
                choices=[
                    ("web", "web form"),
                    ("phone", "telephone"),
                    ("import", "import"),
                    ("event_log", "event log"),
                    ("demo", "demonstration"),
                    ("api", "API"),
                    ("open311", "Open311"),
                ],
                default="web",
                max_length=10,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="citizenreport",
            name="filed_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="filed"),
        ),
        migrations.AlterField(
            model_name="citizenreport",
            name="persons",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="people seen"),
        ),
        migrations.AlterField(
            model_name="citizenreport",
            name="retracted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="taken back"),
        ),
        migrations.AlterField(
            model_name="citizenreport",
            name="with_account",
            field=models.BooleanField(default=False, verbose_name="with an account"),
        ),
        migrations.AlterField(
            model_name="encounter",
            name="asked",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("food", "food"),
                        ("water", "water"),
                        ("clothes", "clothes"),
                        ("blanket", "blanket"),
                        ("tent", "tent"),
                        ("hygiene", "hygiene"),
                        ("health", "health care"),
                        ("shelter", "shelter"),
                        ("papers", "papers"),
                        ("transport", "transport"),
                        ("phone", "phone"),
                        ("pet", "pet"),
                        ("company", "company"),
                        ("other", "other"),
                    ],
                    max_length=10,
                ),
                blank=True,
                default=list,
                verbose_name="asked for",
            ),
        ),
        migrations.AlterField(
            model_name="encounter",
            name="association",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="encounters",
                to="volunteers.association",
                verbose_name="association",
            ),
        ),
        migrations.AlterField(
            model_name="encounter",
            name="channel",
            field=models.CharField(
                choices=[
                    ("web", "web form"),
                    ("phone", "telephone"),
                    ("import", "import"),
                    ("event_log", "event log"),
                    ("demo", "demonstration"),
                    ("api", "API"),
                    ("open311", "Open311"),
                ],
                default="web",
                max_length=10,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="encounter",
            name="filed_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="filed"),
        ),
        migrations.AlterField(
            model_name="encounter",
            name="given",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("food", "food"),
                        ("water", "water"),
                        ("clothes", "clothes"),
                        ("blanket", "blanket"),
                        ("tent", "tent"),
                        ("hygiene", "hygiene"),
                        ("health", "health care"),
                        ("shelter", "shelter"),
                        ("papers", "papers"),
                        ("transport", "transport"),
                        ("phone", "phone"),
                        ("pet", "pet"),
                        ("company", "company"),
                        ("other", "other"),
                    ],
                    max_length=10,
                ),
                blank=True,
                default=list,
                verbose_name="given",
            ),
        ),
        migrations.AlterField(
            model_name="encounter",
            name="retracted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="taken back"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="accepted",
            field=models.PositiveIntegerField(default=0, verbose_name="accepted rows"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="association",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="volunteers.association",
                verbose_name="association",
            ),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="dry_run",
            field=models.BooleanField(default=False, verbose_name="dry run"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="file_hash",
            field=models.CharField(max_length=64, verbose_name="fingerprint of the file"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="file_name",
            field=models.CharField(max_length=200, verbose_name="file"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="finished_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="finished"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="known",
            field=models.PositiveIntegerField(default=0, verbose_name="known rows"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="notes",
            field=models.JSONField(default=dict, verbose_name="notes"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="profile",
            field=models.CharField(max_length=20, verbose_name="profile"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="refused",
            field=models.PositiveIntegerField(default=0, verbose_name="refused rows"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="repaired",
            field=models.PositiveIntegerField(default=0, verbose_name="repaired rows"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="rows",
            field=models.PositiveIntegerField(default=0, verbose_name="rows"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="started_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="started"),
        ),
        migrations.AlterField(
            model_name="need",
            name="channel",
            field=models.CharField(
                choices=[
                    ("web", "web form"),
                    ("phone", "telephone"),
                    ("import", "import"),
                    ("event_log", "event log"),
                    ("demo", "demonstration"),
                    ("api", "API"),
                    ("open311", "Open311"),
                ],
                default="web",
                max_length=10,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="need",
            name="filed_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="filed"),
        ),
        migrations.AlterField(
            model_name="need",
            name="kinds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("food", "food"),
                        ("water", "water"),
                        ("clothes", "clothes"),
                        ("blanket", "blanket"),
                        ("tent", "tent"),
                        ("hygiene", "hygiene"),
                        ("health", "health care"),
                        ("shelter", "shelter"),
                        ("papers", "papers"),
                        ("transport", "transport"),
                        ("phone", "phone"),
                        ("pet", "pet"),
                        ("company", "company"),
                        ("other", "other"),
                    ],
                    max_length=10,
                ),
                default=list,
                verbose_name="kinds of help",
            ),
        ),
        migrations.AlterField(
            model_name="need",
            name="origin",
            field=models.CharField(
                choices=[
                    ("citizen", "someone who saw it"),
                    ("self", "the person concerned"),
                    ("encounter", "an association, from an encounter"),
                    ("import", "an imported archive"),
                ],
                default="citizen",
                max_length=10,
                verbose_name="who reports",
            ),
        ),
        migrations.AlterField(
            model_name="need",
            name="retracted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="taken back"),
        ),
        migrations.AlterField(
            model_name="need",
            name="state",
            field=models.CharField(
                choices=[
                    ("held", "waiting for a moderator"),
                    ("new", "new"),
                    ("verified", "verified"),
                    ("open", "open"),
                    ("committed", "somebody is on it"),
                    ("partly_met", "partly met"),
                    ("met", "met"),
                    ("unmet", "not met"),
                    ("duplicate", "duplicate"),
                    ("rejected", "rejected"),
                    ("expired", "expired"),
                    ("reopened", "reopened"),
                ],
                default="new",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="need",
            name="state_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="in this state since"
            ),
        ),
        migrations.AlterField(
            model_name="retraction",
            name="at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="when"),
        ),
        migrations.AlterField(
            model_name="retraction",
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
            model_name="retraction",
            name="kind",
            field=models.PositiveSmallIntegerField(verbose_name="kind of report"),
        ),
        migrations.AlterField(
            model_name="retraction",
            name="reason",
            field=models.CharField(blank=True, max_length=300, verbose_name="reason"),
        ),
        migrations.AlterField(
            model_name="retraction",
            name="report",
            field=models.UUIDField(verbose_name="report"),
        ),
        migrations.AlterField(
            model_name="tour",
            name="archive",
            field=models.BooleanField(default=False, verbose_name="archive, exempt from retention"),
        ),
        migrations.AlterField(
            model_name="tour",
            name="association",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tours",
                to="volunteers.association",
                verbose_name="association",
            ),
        ),
        migrations.AlterField(
            model_name="tour",
            name="channel",
            field=models.CharField(
                choices=[
                    ("web", "web form"),
                    ("phone", "telephone"),
                    ("import", "import"),
                    ("event_log", "event log"),
                    ("demo", "demonstration"),
                    ("api", "API"),
                    ("open311", "Open311"),
                ],
                default="web",
                max_length=10,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="tour",
            name="filed_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="filed"),
        ),
        migrations.AlterField(
            model_name="tour",
            name="retracted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="taken back"),
        ),
    ]
