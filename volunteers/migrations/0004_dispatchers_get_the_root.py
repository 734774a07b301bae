"""Dispatchers of associations get every root territory, so that everybody can still work after the upgrade."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def give_roots(apps: Apps, schema: BaseDatabaseSchemaEditor) -> None:
    """Until 0.2.0 each of them worked on every need of the site."""
    membership, territory = apps.get_model("volunteers", "Membership"), apps.get_model("volunteers", "Territory")
    assignment = apps.get_model("volunteers", "Assignment")
    roots = list(territory.objects.filter(parent=None).values_list("pk", flat=True))
    dispatchers = membership.objects.filter(role="dispatcher", left_at=None).values_list("user", flat=True)
    assignment.objects.bulk_create(
        [
            assignment(user_id=user, territory_id=root, duty="dispatcher")
            for user in sorted(set(dispatchers))
            for root in roots
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0003_danger_and_exact_places")]

    operations = [migrations.RunPython(give_roots, migrations.RunPython.noop, elidable=True)]
