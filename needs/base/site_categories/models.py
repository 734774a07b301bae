"""Models of needs.base.site_categories."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from needs.enums import Category


class SiteCategory(models.Model):
    """A category of the site's own list. names: the name of the category in each language. kind: the fixed kind of need
    that matching, evidence and exports use for the category.

    shown: True if forms offer the category. deleted_at: the time at which it was deleted although some reports have it;
    the row is kept, so that these reports stay readable.
    """

    names = models.JSONField()
    kind = models.CharField(_("kind of need"), max_length=10, choices=Category.choices, default=Category.OTHER)
    order = models.PositiveSmallIntegerField(default=0)
    shown = models.BooleanField(_("shown in forms"), default=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("order", "pk")
        verbose_name = _("category of the site")
        verbose_name_plural = _("categories of the site")

    def __str__(self) -> str:
        return str(self.names.get("en", ""))
