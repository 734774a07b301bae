import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mapping", "0008_file_imports"),
        ("volunteers", "0011_labels_of_the_administration"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StoppedMailbox",
            fields=[
                ("digest", models.CharField(editable=False, max_length=64, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="ReportSchedule",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "content",
                    models.CharField(
                        choices=[
                            ("external", "external report, PDF in the mail"),
                            ("internal", "full report, by link"),
                            ("rows", "file of reports, by link"),
                        ],
                        max_length=8,
                    ),
                ),
                ("format", models.CharField(blank=True, max_length=8)),
                ("rhythm", models.CharField(choices=[("week", "every week"), ("month", "every month")], max_length=5)),
                ("day", models.PositiveSmallIntegerField()),
                ("hour", models.PositiveSmallIntegerField()),
                ("language", models.CharField(max_length=5)),
                ("addressee", models.CharField(blank=True, max_length=120)),
                ("ends_on", models.DateField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                ("paused_at", models.DateTimeField(blank=True, null=True)),
                ("over_at", models.DateTimeField(blank=True, null=True)),
                (
                    "over_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("end", "its last day has passed"),
                            ("person", "somebody stopped it"),
                            ("duty", "the person who set it no longer coordinates the territory"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="report_schedules",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
                    ),
                ),
            ],
            options={
                "ordering": ("territory__path", "made_at"),
            },
        ),
        migrations.CreateModel(
            name="ReportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField()),
                ("by_hand", models.BooleanField(default=False)),
                ("start", models.DateField()),
                ("end", models.DateField()),
                ("pdf", models.BinaryField(null=True)),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("failed_at", models.DateTimeField(blank=True, null=True)),
                ("failure", models.CharField(blank=True, max_length=120)),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="mapping.zonereport",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="runs", to="mapping.reportschedule"
                    ),
                ),
            ],
            options={
                "ordering": ("-due_at",),
            },
        ),
        migrations.CreateModel(
            name="ScheduleRecipient",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("address", models.BinaryField(null=True)),
                ("digest", models.CharField(editable=False, max_length=64)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                (
                    "schedule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipients",
                        to="mapping.reportschedule",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("made_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="ReportMail",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("failed_at", models.DateTimeField(blank=True, null=True)),
                ("failure", models.CharField(blank=True, max_length=120)),
                (
                    "export",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="mapping.export",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mails", to="mapping.reportrun"
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="mapping.schedulerecipient",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("own", "my tours"),
                            ("association", "tours of an association"),
                            ("territory", "tours in a territory"),
                        ],
                        max_length=11,
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_on", models.DateField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "association",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="volunteers.association",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="volunteers.territory",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_feeds",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("scope", "made_at"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None), ("scope", "own")),
                        fields=("user",),
                        name="one_calendar_feed_of_own_tours",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None), ("scope", "association")),
                        fields=("user", "association"),
                        name="one_calendar_feed_per_association",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None), ("scope", "territory")),
                        fields=("user", "territory"),
                        name="one_calendar_feed_per_territory",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("association", None), ("scope", "own"), ("territory", None)),
                            models.Q(("association__isnull", False), ("scope", "association"), ("territory", None)),
                            models.Q(("association", None), ("scope", "territory"), ("territory__isnull", False)),
                            _connector="OR",
                        ),
                        name="calendar_feed_scope",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="reportschedule",
            index=models.Index(
                condition=models.Q(("next_at", None), _negated=True), fields=["next_at"], name="report_schedule_next"
            ),
        ),
        migrations.AddConstraint(
            model_name="reportschedule",
            constraint=models.CheckConstraint(condition=models.Q(("hour__lte", 23)), name="report_schedule_hour"),
        ),
        migrations.AddConstraint(
            model_name="reportschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("day__lte", 6), ("rhythm", "week")),
                    models.Q(("day__gte", 1), ("day__lte", 31), ("rhythm", "month")),
                    _connector="OR",
                ),
                name="report_schedule_day",
            ),
        ),
        migrations.AddIndex(
            model_name="reportrun",
            index=models.Index(
                condition=models.Q(("failed_at", None), ("sent_at", None)),
                fields=["not_before"],
                name="report_run_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportrun",
            constraint=models.UniqueConstraint(fields=("schedule", "due_at"), name="one_report_run_per_due_date"),
        ),
        migrations.AddConstraint(
            model_name="schedulerecipient",
            constraint=models.UniqueConstraint(fields=("schedule", "digest"), name="one_recipient_per_schedule"),
        ),
        migrations.AddIndex(
            model_name="reportmail",
            index=models.Index(
                condition=models.Q(("failed_at", None), ("sent_at", None)),
                fields=["not_before"],
                name="report_mail_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportmail",
            constraint=models.UniqueConstraint(fields=("run", "recipient"), name="one_report_mail_per_recipient"),
        ),
    ]
