"""The tables of the audit log. A trigger blocks changes to entries; the hash chain reveals changes that bypass the
trigger."""

from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from volunteers.people.audit.verbs import Purpose, Verb


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def readable_in(self, scopes: Any, own: Any) -> "AuditQuerySet":
        """Return the entries about the platform, about some territories (by short name), and by the account with the
        key ``own``."""
        return self.filter(models.Q(scope__in=scopes) | models.Q(scope="") | models.Q(actor=own))


class AuditEntry(models.Model):
    """One recorded read or action.

    seq: number of the entry: 1, 2, 3… without gaps. actor: User.key, stored without a foreign key, so that erasing an
    account changes no entry; null for the platform. object: keyed digest of the kind and the id of the object. scope: a
    territory's short name, or empty. previous, hash: the chain (volunteers.people.audit.chain).
    """

    seq = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=False)
    actor = models.UUIDField(null=True)
    verb = models.CharField(max_length=24)  # a Verb; the field has no choices, so that a new verb needs no migration
    kind = models.CharField(max_length=24)
    object = models.CharField(max_length=32, blank=True)
    scope = models.CharField(max_length=80, blank=True)
    purpose = models.CharField(max_length=16, blank=True)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ("-seq",)
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        indexes = [
            BrinIndex(fields=["at"], name="audit_at"),
            models.Index(fields=["actor", "-seq"], name="audit_actor"),
            models.Index(fields=["object", "-seq"], name="audit_object"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb}"

    @property
    def what(self) -> str:
        """The verb as text, or the stored code if this version of the software does not know the verb."""
        return str(Verb(self.verb).label) if self.verb in Verb.values else self.verb

    @property
    def what_for(self) -> str:
        return str(Purpose(self.purpose).label) if self.purpose in Purpose.values else self.purpose


class AuditHead(models.Model):
    """The end of the chain: the number and the hash of the last entry, and a seal over both. The table has one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.seq}"
