import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

AGREE = """
INSERT INTO needs_crisisagreement (crisis_id, territory_id, by_id, at, phone_is_enough)
SELECT crisis.id, territory.id, person.id, now(), crisis.phone_is_enough
FROM needs_crisis AS crisis
JOIN volunteers_user AS person ON person.id = coalesce(crisis.in_charge_id, crisis.author_id)
JOIN volunteers_territory AS territory
  ON territory.zoned AND ST_Intersects(territory.polygon, crisis.area::geometry)
  AND NOT ST_Touches(territory.polygon, crisis.area::geometry)
WHERE person.is_superuser OR EXISTS (
  SELECT FROM volunteers_assignment AS duty JOIN volunteers_territory AS above ON above.id = duty.territory_id
  WHERE duty.user_id = person.id AND duty.duty = 'coordinator' AND duty.ended_at IS NULL
    AND (duty.until IS NULL OR duty.until > now())
    AND left(territory.path, length(above.path)) = above.path
);
SET CONSTRAINTS ALL IMMEDIATE;
"""
"""The territories of the person in charge agree; all others are asked."""


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0006_one_index_of_tours"),
        ("volunteers", "0004_one_prefix_index_of_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CrisisAgreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "phone_is_enough",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        verbose_name="a confirmed telephone number is enough to see exact places of this event",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "crisis",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="agreements", to="needs.crisis"
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("crisis", "territory"), name="one_agreement_per_territory")
                ],
            },
        ),
        migrations.RunSQL(AGREE, migrations.RunSQL.noop, elidable=True),
        migrations.RemoveField(model_name="crisis", name="phone_is_enough"),
    ]
