"""Version 1 of the model's parameters: the defaults of docs/adr/0015."""

from django.db import migrations

VALUES = {
    "search_rate": 2.0,
    "unlogged_hours": 0.33,
    "unlogged_weight": 0.5,
    "half_life": 8.0,
    "aid_half_life": 5.0,
    "prior": 0.25,
    "neighbour_weight": 0.13,
    "neighbour_limit": 0.5,
    "norm_per_week": 1.0,
    "norm_share": 0.5,
    "least_persons": 2.0,
    "searched": 0.5,
    "covered_at": 0.1,
    "under_covered_at": 0.25,
    "leave_covered_at": 0.15,
    "leave_under_covered_at": 0.18,
    "uncovered_share": 0.1,
    "account_trust": 0.3,
    "citizen_trust": 0.2,
    "citizen_search": 0.2,
    "source_limit": 2.0,
    "cell_day_limit": 1.0,
    "cell_limit": 0.5,
    "evidence_weight": 1.4,
    "aid_factor": 1.2,
    "aid_spread": 0.6,
    "recent_days": 14.0,
}


def forwards(apps, schema_editor):
    apps.get_model("mapping", "Parameters").objects.create(
        territory=None, version=1, reason="Defaults chosen on the benchmark (docs/adr/0015)", values=VALUES
    )


def backwards(apps, schema_editor):
    apps.get_model("mapping", "Parameters").objects.filter(territory=None, version=1).delete()


class Migration(migrations.Migration):
    dependencies = [("mapping", "0002_initial")]

    operations = [migrations.RunPython(forwards, backwards)]
