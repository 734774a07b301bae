from django.db import migrations, models


class Migration(migrations.Migration):
    """When a text message last came in."""

    dependencies = [("volunteers", "0015_lending_and_offers")]

    operations = [migrations.AddField("sitedetails", "text_received_at", models.DateTimeField(blank=True, null=True))]
