"""Models of needs.doors.language_reviews."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LanguageReview(models.Model):
    """A speaker's review of a language's sentences.

    reviewer: the name that the speaker chose. sentences: digest of the reviewed sentences, which reveals later changes
    (``solidarity.lib.languages.print_of``).
    """

    language = models.CharField(_("language"), max_length=8)
    reviewer = models.CharField(_("reviewer"), max_length=120)
    reviewed_on = models.DateField(_("reviewed on"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    sentences = models.CharField(max_length=16)
    recorded_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-reviewed_on", "-pk")
        verbose_name = _("review of a language")
        verbose_name_plural = _("reviews of languages")

    def __str__(self) -> str:
        return f"{self.language}: {self.reviewer}"
