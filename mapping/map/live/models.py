"""Models of mapping.map.pages."""

from django.db import models


class MapVersion(models.Model):
    """A number that changes when the live map of a territory, somebody's access, or the tree of territories changes.
    Database triggers write the row (migration 0004), so no code can forget to write it.

    scope: the id of a territory; 0 for access; -1 for the tree. version: a value that is only compared for equality; of a
    territory, that of its zones. low_zoom: the same of its low-zoom cells.
    """

    scope = models.IntegerField(primary_key=True)
    version = models.BigIntegerField()
    low_zoom = models.BigIntegerField(db_default=0)

    def __str__(self) -> str:
        return f"{self.scope}: {self.version}"
