"""Where associations work: the ceiling of exact places of an association, and the areas of those that are already here."""

import django.db.models.deletion
from django.db import migrations, models

from solidarity.lib import grid

COARSE = 8
SCHEMA = [
    migrations.AddField(
        model_name="commitment",
        name="unvisited",
        field=models.BooleanField(db_default=False, default=False),
    ),
    migrations.AddField(
        model_name="placeview",
        name="association",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="+",
            to="volunteers.association",
        ),
    ),
]
_CELLS = (
    ("Encounter", "association", "cell"),
    ("Need", "association", "cell"),
    ("Aid", "association", "cell"),
    ("TourCell", "tour__association", "cell"),
    ("Commitment", "association", "need__cell"),
    ("NeedAssignment", "association", "need__cell"),
)
"""Models that tell where an association was: the model, the lookups of its association and of a cell."""


def invite_where_they_were(apps, _editor):
    """Invite each association to the territories in which it filed something, took a need or was asked to, so that its
    members can take needs there after the upgrade as before."""
    cells, area = apps.get_model("volunteers", "Cell"), apps.get_model("volunteers", "WorkArea")
    seen: dict[int, set[int]] = {}
    for name, association, cell in _CELLS:
        rows = apps.get_model("needs", name).objects.exclude(**{association: None}).exclude(**{cell: None})
        for key, value in rows.order_by().values_list(association, cell).distinct().iterator():
            seen.setdefault(key, set()).update((value, grid.parent(value, COARSE)))
    for association, known in seen.items():
        rows = cells.objects.filter(cell__in=known).order_by()
        territories = rows.values_list("territory", flat=True).distinct()
        area.objects.bulk_create(
            (area(association_id=association, territory_id=territory) for territory in territories),
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0008_reporter_corrections"),
        ("volunteers", "0007_where_associations_work"),
    ]

    operations = [
        *SCHEMA,
        migrations.RunPython(invite_where_they_were, migrations.RunPython.noop, elidable=True),
    ]
