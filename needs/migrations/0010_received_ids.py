"""Keyed hashes of the ids of text messages, also of those that are here already."""

import django.utils.timezone
from django.db import migrations, models
from django.utils.crypto import salted_hmac

BATCH = 1000


def keep_ids(apps, _editor):
    """Keep the id of each stored text message, so that its call is refused after it is deleted."""
    messages, kept = apps.get_model("needs", "InboundMessage"), apps.get_model("needs", "ReceivedId")
    rows = messages.objects.filter(correspondent__medium="sms").order_by()
    kept.objects.bulk_create(
        (
            kept(
                digest=salted_hmac("needs.channels.ids", f"{gateway}:{known}", algorithm="sha256").hexdigest(),
                at=at,
            )
            for gateway, known, at in rows.values_list("gateway", "provider_id", "stored_at").iterator(BATCH)
        ),
        batch_size=BATCH,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0009_where_associations_work"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReceivedId",
            fields=[
                ("digest", models.CharField(editable=False, max_length=64, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="received_id_by_time")],
            },
        ),
        migrations.RunPython(keep_ids, migrations.RunPython.noop, elidable=True),
    ]
