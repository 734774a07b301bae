"""Ending loans when an account is blocked or deleted, and deleting the files of condition notes."""

from typing import Any

from django.db import transaction
from django.db.models import Q

from needs.models import ConditionNote, Loan
from needs.neighbours.lending.loan_states import LoanSide, LoanState
from needs.neighbours.loans import loan_notifications, loan_steps
from volunteers.models import User

_NOT_YET = (LoanState.ASKED, LoanState.WAITING, LoanState.AGREED)


def end_all(*, user: User, **_more: Any) -> None:
    """Cancel the requests and agreed loans of a blocked account on both sides, and tell the other side (receiver of
    ``account_blocked``). If an item was already handed over, its loan stays open until the owner gets the item back."""
    with transaction.atomic():
        for row in _of_person(user).select_for_update(of=("self",), no_key=True):
            _tell_other(row, user)
            if row.state in _NOT_YET:
                loan_steps.enter(row, LoanState.CANCELLED, None)


def tell_before_erasure(user: User) -> None:
    """Tell the other side of every open loan before an account is deleted: its loans and items are deleted with it."""
    for row in _of_person(user):
        _tell_other(row, user)


def _of_person(user: User) -> Any:
    return Loan.objects.open().filter(Q(borrower=user) | Q(item__owner=user)).for_list()


def _tell_other(row: Loan, user: User) -> None:
    owns = row.item.owner_id == user.pk
    if owns or row.state != LoanState.WAITING:
        loan_notifications.tell_other_left(row, LoanSide.BORROWER if owns else LoanSide.OWNER)


def delete_file(instance: ConditionNote, **_signal: Any) -> None:
    """Delete the photo of a deleted condition note. Receiver of post_delete."""
    if instance.photo.name:
        storage, name = instance.photo.storage, instance.photo.name
        transaction.on_commit(lambda: storage.delete(name))
