"""Deletes the tables whose messages are in conversations now (0028)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("needs", "0028_conversations_move")]

    operations = [
        migrations.DeleteModel("MessageSeen"),
        migrations.DeleteModel("CrewMessage"),
        migrations.DeleteModel("LoanMessage"),
        migrations.DeleteModel("RelayedMessage"),
    ]
