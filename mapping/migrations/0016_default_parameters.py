"""A new global version of the parameters with the defaults of docs/adr/0035, where those of docs/adr/0015 are in force.

A version that people chose stays in force: with it, the silence of citizens does not count.
"""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("mapping.migrations.0003_default_parameters").VALUES
VALUES = {name: value for name, value in BEFORE.items() if name not in ("aid_half_life", "source_limit")} | {
    "account_trust": 0.5,
    "citizen_trust": 0.35,
    "citizen_search": 0.0,
    "citizen_silence": 0.9,
    "cell_day_limit": 0.5,
    "cell_limit": 0.45,
    "unlogged_hours": 1.0,
    "half_life": 6.5,
    "prior": 0.1,
    "neighbour_weight": 0.2,
    "neighbour_limit": 0.6,
    "evidence_weight": 1.2,
    "aid_factor": 1.3,
    "aid_spread": 0.5,
}
REASON = "Defaults chosen on the benchmark (docs/adr/0035)"


def forwards(apps, schema_editor):
    versions = apps.get_model("mapping", "Parameters").objects.filter(territory=None, proposed=False)
    newest = versions.order_by("-version").first()
    if newest is not None and newest.values == BEFORE:
        versions.create(territory=None, version=newest.version + 1, reason=REASON, values=VALUES)


def backwards(apps, schema_editor):
    version = (
        apps.get_model("mapping", "Parameters").objects.filter(territory=None, reason=REASON, values=VALUES).first()
    )
    if version is None:
        return
    older = apps.get_model("mapping", "Parameters").objects.filter(
        territory=None, proposed=False, version__lt=version.version
    )
    apps.get_model("mapping", "CoverageSettings").objects.filter(model=version).update(
        model=older.order_by("-version").first()
    )
    apps.get_model("mapping", "Zone").objects.filter(model=version).update(model=older.order_by("-version").first())
    version.delete()


class Migration(migrations.Migration):
    dependencies = [("mapping", "0015_self_checks")]

    operations = [migrations.RunPython(forwards, backwards)]
