"""Cells: what does not change of them, and the live state."""

from django.contrib.gis.db import models

from mapping.enums import Status


class Cell(models.Model):
    """A cell of a zoned territory; what does not change. ring: its H3 neighbours that are cells too, or not."""

    cell = models.BigIntegerField(primary_key=True)
    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="cells")
    parent8 = models.BigIntegerField()
    parent7 = models.BigIntegerField()
    lat = models.FloatField()
    lng = models.FloatField()

    class Meta:
        indexes = [
            models.Index(fields=["territory", "cell"], name="cell_territory"),
            models.Index(fields=["parent7"], name="cell_parent7"),
            models.Index(fields=["parent8"], name="cell_parent8"),
        ]

    def __str__(self) -> str:
        return f"{self.cell:x}"


class CellState(models.Model):
    """Decayed sums and the posterior of one cell.

    a, x, xt, s: zones.md's A and X of associations, X_T, S, at ``day`` (days since 2020-01-01 UTC). ac, xc: the
    citizens' share of A and X, capped. mean: persons present. chance: P. computed: the model's status; status: the one
    that is shown, an override's while it is pinned.
    """

    cell = models.BigIntegerField(primary_key=True)
    territory = models.IntegerField()
    day = models.FloatField()
    a = models.FloatField(default=0)
    x = models.FloatField(default=0)
    xt = models.FloatField(default=0)
    s = models.FloatField(default=0)
    ac = models.FloatField(default=0)
    xc = models.FloatField(default=0)
    last_search = models.FloatField(null=True)
    shape = models.FloatField(default=0)
    rate = models.FloatField(default=1)
    theta = models.FloatField(default=0)
    mean = models.FloatField(default=0)
    chance = models.FloatField(default=0)
    status = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.NOT_SEARCHED)
    computed = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.NOT_SEARCHED)
    pinned = models.BooleanField(default=False)
    zone = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["territory"], name="cellstate_territory"),
            models.Index(fields=["zone"], name="cellstate_zone"),
        ]

    def __str__(self) -> str:
        return f"{self.cell:x}"
