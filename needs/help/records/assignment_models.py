"""Models of needs.help.assignments."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import OutcomeReason
from volunteers.people.accounts.models import User
from volunteers.people.associations.models import Association
from volunteers.people.vouching.vouching import is_vouched


class AssignmentState(models.TextChoices):
    """State of an assignment. RETURNED: accepted, then given back; EXPIRED: nobody answered in time."""

    WAITING = "waiting", _("waits for an answer")
    ACCEPTED = "accepted", _("accepted")
    DONE = "done", _("done")
    RETURNED = "returned", _("given back")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("nobody answered")


LIVE = (AssignmentState.WAITING, AssignmentState.ACCEPTED)


class ReliefGroupQuerySet(models.QuerySet["ReliefGroup"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def of(self, user: User) -> Self:
        """Open groups to which a person belongs; none if nobody vouches for the person any more."""
        return self.open().filter(members__user=user) if is_vouched(user) else self.none()


class ReliefGroup(models.Model):
    """An ad-hoc group of an event, put together by its coordinators.

    association: the association to which all members of the group belong, if any.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crisis = models.ForeignKey("needs.Crisis", on_delete=models.CASCADE, related_name="relief_groups")
    name = models.CharField(_("name of the group"), max_length=80)
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ReliefGroupQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("relief group")
        verbose_name_plural = _("relief groups")
        constraints = [models.UniqueConstraint(fields=["crisis", "name"], name="a_relief_group_once_per_event")]

    def __str__(self) -> str:
        return self.name


class ReliefMember(models.Model):
    """A person in a relief group. lead: True for the member who answers for the group; a group has at most one."""

    group = models.ForeignKey(ReliefGroup, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="relief_memberships")
    lead = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-lead", "added_at")
        constraints = [
            models.UniqueConstraint(fields=["group", "user"], name="one_place_per_relief_group"),
            models.UniqueConstraint(fields=["group"], condition=Q(lead=True), name="one_lead_per_relief_group"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.user_id}"


class NeedAssignmentQuerySet(models.QuerySet["NeedAssignment"]):
    def live(self) -> Self:
        """Assignments that wait for an answer or are accepted."""
        return self.filter(state__in=LIVE)

    def for_user(self, user: User) -> Self:
        """Assignments to the associations and relief groups of a person."""
        groups = ReliefGroup.objects.of(user)
        mine = Q(association__in=Association.objects.of(user)) | Q(group__in=groups.values("pk"))
        return self.filter(mine, need__retracted_at=None)

    def waiting_since(self, moment: datetime) -> Self:
        """Unanswered assignments that were made at or before a time."""
        return self.filter(state=AssignmentState.WAITING, at__lte=moment)


class NeedAssignment(models.Model):
    """A need that the desk assigns to an association or to a relief group. A need has at most one live assignment.

    commitment: the commitment of the person who accepted; made for the association, if an association was asked.
    reason: a code for the reason why the assignment was declined or given back. word: the group's text when it reports
    back. settled_at: the time at which the assignment ended.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="assignments")
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    group = models.ForeignKey(ReliefGroup, on_delete=models.CASCADE, null=True, blank=True, related_name="assignments")
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=AssignmentState.choices, default=AssignmentState.WAITING)
    reason = models.CharField(_("why"), max_length=20, choices=OutcomeReason.choices, blank=True)
    word = models.CharField(_("a word for the desk"), max_length=300, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    commitment = models.ForeignKey("needs.Commitment", on_delete=models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = NeedAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("assignment of a need")
        verbose_name_plural = _("assignments of needs")
        constraints = [
            models.CheckConstraint(
                condition=Q(association=None, group__isnull=False) | Q(association__isnull=False, group=None),
                name="an_assignment_has_one_group",
            ),
            models.UniqueConstraint(
                fields=["need"], condition=Q(state__in=["waiting", "accepted"]), name="one_live_assignment_per_need"
            ),
        ]
        indexes = [models.Index(fields=["state", "at"], name="assignment_state")]

    def __str__(self) -> str:
        return f"{self.need_id} {self.state}"

    @property
    def whom(self) -> str:
        """The name of the association or of the group."""
        return str(self.group or self.association)
