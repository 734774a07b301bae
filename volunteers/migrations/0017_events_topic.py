from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0016_text_received")]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="topic",
            field=models.CharField(
                choices=[
                    ("proposal", "a need is proposed to me"),
                    ("commitment", "my commitments: reminders, hand-overs, changes"),
                    ("tour", "tours and events that I joined"),
                    ("alert", "new reports in a search that I saved"),
                    ("triage", "needs that have waited too long"),
                    ("danger", "danger to life: alarms of my territories"),
                    ("desk", "requests that I answer: offers of help, duties, exact places"),
                    ("lending", "things to lend and to give: answers, reminders, what I look for"),
                ],
                max_length=10,
            ),
        ),
    ]
