"""Models of needs.guide.places.imports."""

from django.db import models


class PlaceImportChange(models.Model):
    """The changes of an import in a place, so that they can be undone.

    made: True if the import created the place. before, after: values of the fields that the import wrote, as in
    PlaceSource. source_before: the earlier values of the source; None if the record was new. notices: ids of the
    notices that the import added.
    """

    run = models.ForeignKey("needs.ImportRun", on_delete=models.CASCADE, related_name="place_changes")
    place = models.ForeignKey("needs.Place", on_delete=models.CASCADE, related_name="+")
    source = models.ForeignKey("needs.PlaceSource", on_delete=models.CASCADE, related_name="+")
    made = models.BooleanField(default=False)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    source_before = models.JSONField(null=True)
    notices = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.run_id} {self.place_id}"
