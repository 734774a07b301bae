"""A holder can hand a commitment over with a link."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0008_phone_intake"),
    ]

    operations = [
        migrations.AddField(
            model_name="commitment",
            name="link",
            field=models.UUIDField(blank=True, editable=False, null=True, unique=True),
        ),
    ]
