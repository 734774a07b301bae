"""A newer global version of the parameters where the published ones are in force: those that hold in the benchmark.

docs/adr/0015. No row is edited: the zones of the version before keep its name, and the worker brings the territories to
the newer one. A version that somebody chose stays in force.
"""

from django.db import migrations

PUBLISHED = {
    "search_rate": 2.0,
    "unlogged_hours": 0.33,
    "unlogged_weight": 0.5,
    "half_life": 10.0,
    "aid_half_life": 5.0,
    "prior": 0.5,
    "neighbour_weight": 0.1,
    "neighbour_limit": 0.5,
    "norm_per_week": 1.0,
    "norm_share": 0.5,
    "least_persons": 2.0,
    "searched": 0.5,
    "covered_at": 0.10,
    "under_covered_at": 0.25,
    "leave_covered_at": 0.15,
    "leave_under_covered_at": 0.18,
    "uncovered_share": 0.1,
    "account_trust": 0.3,
    "citizen_trust": 0.2,
    "citizen_search": 0.2,
    "source_limit": 2.0,
    "cell_day_limit": 1.0,
    "cell_limit": 1e6,
    "evidence_weight": 1.0,
    "aid_factor": 1.0,
    "aid_spread": 0.0,
}
REFINED = PUBLISHED | {
    "half_life": 8.0,
    "prior": 0.25,
    "neighbour_weight": 0.13,
    "cell_limit": 0.5,
    "evidence_weight": 1.4,
    "aid_factor": 1.2,
    "aid_spread": 0.6,
}
REASON = "Defaults that hold on untouched cities (docs/adr/0015)"


def newest_global(Parameters):
    return Parameters.objects.filter(territory=None, proposed=False).order_by("-version").first()


def forwards(apps, schema_editor):
    Parameters = apps.get_model("mapping", "Parameters")
    newest = newest_global(Parameters)
    if newest is None or PUBLISHED | newest.values != PUBLISHED:
        return
    version = Parameters.objects.filter(territory=None).order_by("-version").first().version + 1
    Parameters.objects.create(territory=None, version=version, reason=REASON, values=REFINED)


def backwards(apps, schema_editor):
    """The version goes again; what refers to it refers to the one before, from which the worker derives anew."""
    Parameters = apps.get_model("mapping", "Parameters")
    newest = newest_global(Parameters)
    if newest is None or newest.reason != REASON:
        return
    before = Parameters.objects.filter(territory=None, proposed=False, version__lt=newest.version)
    before = before.order_by("-version").first()
    for name in ("Territory", "Zone"):
        apps.get_model("mapping", name).objects.filter(model=newest).update(model=before)
    newest.delete()


class Migration(migrations.Migration):
    dependencies = [("mapping", "0007_params_cold")]

    operations = [migrations.RunPython(forwards, backwards)]
