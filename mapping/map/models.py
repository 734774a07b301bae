"""Models of mapping.map."""

from django.db import models


class MapVersion(models.Model):
    """A version number that changes when the live map of a territory changes, or when somebody's access changes.
    Database triggers write the row (migration 0017), so no code can forget to write it.

    scope: the id of a territory; 0 for access. version: a value that is only compared for equality.
    """

    scope = models.IntegerField(primary_key=True)
    version = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.scope}: {self.version}"
