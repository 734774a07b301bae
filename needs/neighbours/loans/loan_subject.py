"""The conversation about a loan."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Self, override

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from needs.conversations import contact_words
from needs.conversations.models import Message, Speaker
from needs.conversations.subjects import READ_AND_ANSWER, Subject
from needs.models import Loan
from needs.neighbours.lending.loan_states import LoanSide
from needs.neighbours.loans import loan_people, loan_protection
from volunteers.enums import Topic
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import areas


class AboutLoan(Subject):
    """Borrower and owner of a loan. Neither side sees the contacts of the other side."""

    row: Loan
    kind = "loan"
    topic = Topic.LENDING
    most = 30

    @override
    def page_for(self, speaker: Speaker) -> tuple[str, str]:
        return reverse("needs:loan", args=[self.row.pk]), _("Loan")

    @property
    @override
    def title(self) -> str:
        return str(self.row.item.name)

    @override
    def _speaker_of(self, viewer: Viewer, user: User) -> Speaker | None:
        side = loan_people.side_of(user, self.row)
        return None if side is None else Speaker(side.value)

    @override
    def is_over(self, now: datetime) -> bool:
        return not self.row.is_open or loan_people.are_apart(self.row)

    @override
    def people(self) -> Collection[User]:
        return [each for side in LoanSide for each in loan_people.people_of(self.row, side)]

    @override
    def name_of(self, message: Message, reader: Speaker) -> str:
        return loan_people.first_name(message.author)

    @override
    def contact_problem(self, text: str) -> str:
        return str(loan_protection.CONTACT_WORDS) if contact_words.tells_contact(text) else ""

    @classmethod
    @override
    def find(cls, id: uuid.UUID, on: str = "") -> Self:
        return cls(get_object_or_404(Loan.objects.for_list(), pk=id))

    @classmethod
    @override
    def near(cls, viewer: Viewer, user: User) -> Q:
        return Q(loan__in=Loan.objects.of(user).values("pk"))

    @property
    @override
    def territory(self) -> Territory | None:
        return areas.territory_of_coarse(self.row.item.cell)

    @override
    def news(self, message: Message) -> tuple[str, str]:
        return _("A message about a loan"), str(READ_AND_ANSWER)

    @override
    def tells(self, person: User, message: Message) -> bool:
        return self.speaker_of(Viewer(person)) != message.speaker
