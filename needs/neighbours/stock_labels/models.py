"""Models of needs.neighbours.stock_labels."""

from django.db import models
from django.utils import timezone

from needs.neighbours.lending.item_kinds import StockReason


class WaitingScan(models.Model):
    """A scan that does not fit the stock yet: it arrived before the scan of another phone, or the stock was counted
    wrongly.

    id: the id of the future stock move. quantity: number of pieces, with the sign of the stock move. The row is deleted
    when the move is stored.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    item = models.ForeignKey("needs.Item", on_delete=models.CASCADE, related_name="waiting_scans")
    quantity = models.SmallIntegerField()
    reason = models.CharField(max_length=8, choices=StockReason.choices)
    tour = models.ForeignKey("needs.Tour", on_delete=models.CASCADE, null=True, related_name="+")
    author = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.item_id} {self.quantity:+d}"

    @property
    def pieces(self) -> int:
        return abs(self.quantity)
