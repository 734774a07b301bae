from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0001_initial")]
    operations = [
        migrations.CreateModel(
            "Register", fields=[("id", models.BigAutoField(primary_key=True)), ("word", models.TextField())]
        ),
        migrations.RunSQL(
            "ALTER TABLE volunteers_association ADD COLUMN later text NOT NULL DEFAULT ''",
            "ALTER TABLE volunteers_association DROP COLUMN later",
        ),
    ]
