import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("volunteers", "0009_blocked_accounts_and_sign_up"),
    ]

    operations = [
        migrations.AddField(
            model_name="association",
            name="about",
            field=models.TextField(blank=True, db_default="", max_length=500, verbose_name="what you do"),
        ),
        migrations.AddField(
            model_name="association",
            name="contact",
            field=models.CharField(blank=True, db_default="", max_length=200, verbose_name="how to reach you"),
        ),
        migrations.AddField(
            model_name="association",
            name="logo",
            field=models.FileField(blank=True, db_default="", upload_to="logos", verbose_name="logo"),
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120, verbose_name="name of the association")),
                ("website", models.URLField(blank=True, verbose_name="website")),
                ("about", models.TextField(max_length=1000, verbose_name="what you do")),
                ("person", models.CharField(max_length=80, verbose_name="your name")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("language", models.CharField(blank=True, max_length=5)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("accepted", models.BooleanField(blank=True, null=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("word", models.CharField(blank=True, max_length=300)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "association",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="volunteers.association",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="applications",
                        to="volunteers.territory",
                    ),
                ),
            ],
            options={
                "verbose_name": "application of an association",
                "verbose_name_plural": "applications of associations",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted", None)),
                        fields=("email",),
                        name="one_waiting_application_per_address",
                    )
                ],
            },
        ),
    ]
