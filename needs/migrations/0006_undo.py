import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

REASONS = [
    ("helped", "help was brought"),
    ("referred", "sent on to a service"),
    ("solved_itself", "it was solved without us"),
    ("by_others", "others had done it already"),
    ("not_found", "nobody was found there"),
    ("refused", "the person did not want it"),
    ("nobody_free", "nobody was free"),
    ("nothing_left", "what was needed was not available"),
    ("too_far", "too far away"),
    ("unsafe", "it was not safe"),
    ("unreachable", "the reporter could not be reached"),
    ("not_a_need", "it is not a need"),
    ("junk", "advertising, a joke or a test"),
    ("about_a_person", "it is about a particular person"),
    ("same_as", "it repeats another report"),
    ("too_old", "nothing happened for a long time"),
    ("still_needed", "it is still needed"),
    ("mistake", "it was closed by mistake"),
    ("lapsed", "the time of the person who took it is over"),
    ("other", "another reason"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0005_following"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="crisis",
            name="closed_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="undone_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="needsharing",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="needstep",
            name="actor",
            field=models.CharField(
                blank=True,
                choices=[
                    ("dispatcher", "a dispatcher"),
                    ("helper", "a person who took the need"),
                    ("reporter", "the reporter"),
                    ("clock", "automatic"),
                ],
                db_default="",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="commitment",
            name="reason",
            field=models.CharField(blank=True, choices=REASONS, max_length=20, verbose_name="why"),
        ),
        migrations.AlterField(
            model_name="needstep",
            name="reason",
            field=models.CharField(blank=True, choices=REASONS, max_length=20, verbose_name="why"),
        ),
    ]
