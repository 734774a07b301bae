import django.contrib.postgres.fields
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0024_desk_join_requests"),
        ("volunteers", "0017_events_topic"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="eventexception",
            name="at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="localevent",
            name="brings",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("meal", "meal"),
                        ("drinks", "hot drinks"),
                        ("clothes", "clothes"),
                        ("wash", "showers and laundry"),
                        ("care", "health care"),
                        ("advice", "advice on papers and rights"),
                        ("company", "company, games, culture"),
                    ],
                    max_length=8,
                ),
                blank=True,
                default=list,
                verbose_name="what the round brings",
            ),
        ),
        migrations.AddField(
            model_name="localevent",
            name="changed_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="localevent",
            name="over_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="localevent",
            name="public",
            field=models.BooleanField(default=False, verbose_name="people without an account see it"),
        ),
        migrations.AddIndex(
            model_name="localevent",
            index=models.Index(fields=["over_at"], name="local_event_over"),
        ),
    ]
