from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Parts of long text messages, and the caps of answers."""

    dependencies = [("needs", "0022_two_way")]

    operations = [
        migrations.AddField(
            "inboundmessage",
            "reference",
            models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField("inboundmessage", "part", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("inboundmessage", "parts", models.PositiveSmallIntegerField(default=1)),
        migrations.AddIndex(
            "outboundmessage",
            models.Index(condition=~Q(sent_at=None), fields=["sent_at"], name="outbound_by_sending"),
        ),
    ]
