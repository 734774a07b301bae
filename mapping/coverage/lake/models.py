"""Models of the lake: which files must be written again."""

from django.db import models


class LakeMark(models.Model):
    """The only row says that the lake is in use, and names its state.

    mark: the manifest with the same mark belongs to this database. A restored back-up has an earlier mark, so the lake is
    then written completely.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    mark = models.UUIDField()

    def __str__(self) -> str:
        return str(self.mark)


class LakeChange(models.Model):
    """A day and a region whose evidence changed since the last write. Triggers on the evidence append these rows while a
    LakeMark exists (migration 0004). day: whole days since 2020-01-01 UTC."""

    id = models.BigAutoField(primary_key=True)
    day = models.IntegerField()
    region = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.region:x}"
