import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("volunteers", "0008_natural_order"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignUpChoice",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("closed", models.BooleanField(default=False)),
                ("ask", models.CharField(blank=True, max_length=200, verbose_name="whom to ask for an invitation")),
            ],
            options={
                "verbose_name": "sign-up",
                "verbose_name_plural": "sign-up",
            },
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="block",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("by_administrator", models.BooleanField(default=False)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "blocked account",
                "verbose_name_plural": "blocked accounts",
            },
        ),
    ]
