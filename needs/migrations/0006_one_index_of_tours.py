from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0005_alarm_words"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="encounter",
            name="encounter_tour",
        ),
    ]
