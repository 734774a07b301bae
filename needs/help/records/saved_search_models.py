"""Models of needs.help.saved_searches."""

import uuid
from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import SearchPage
from volunteers.people.accounts.models import User
from volunteers.people.associations.models import Association


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    def readable_by(self, user: User) -> Self:
        """The person's own searches, and the searches that their associations share."""
        return self.filter(Q(user=user) | Q(association__in=Association.objects.of(user)))


class SavedSearch(models.Model):
    """A saved search and its alert. query: the filters of the page.

    area: drawn polygon or circle; None: the area of the filters. alerted_until: end of the period that the alerts so
    far have covered.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="saved_searches")
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.CASCADE, null=True, blank=True, related_name="saved_searches"
    )
    page = models.CharField(max_length=8, choices=SearchPage.choices)
    crisis = models.ForeignKey("needs.Crisis", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    query = models.JSONField(default=dict)
    area = models.PolygonField(_("area"), geography=True, null=True, blank=True)
    alert = models.BooleanField(_("notify me of new ones"), default=False)
    alerted_until = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(default=timezone.now)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="a_search_once_per_name")]

    def __str__(self) -> str:
        return self.name
