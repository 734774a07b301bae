"""Loans in the API: first names, or the association; never a contact, a home or another person's base."""

from rest_framework import serializers

from needs.conversations.contact_words import tells_contact
from needs.models import Loan
from needs.neighbours.lending.item_kinds import ItemCondition
from needs.neighbours.lending.loan_states import LoanSide, LoanState
from needs.neighbours.loans import loan_people
from needs.neighbours.loans.loan_protection import CONTACT_WORDS
from needs.neighbours.loans.loan_transitions import possible_states
from solidarity.lib.pii_check.messages import EVERYTHING
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer
from volunteers.models import User


class LoanSerializer(serializers.Serializer):
    """A loan as one side sees it. side: the side of the reader. can: the states to which the reader can move the loan."""

    id = serializers.UUIDField(read_only=True)
    item = serializers.UUIDField(source="item_id", read_only=True)
    name = serializers.CharField(source="item.name", read_only=True)
    quantity = serializers.IntegerField(read_only=True)
    first = serializers.DateField(source="first_day", read_only=True)
    last = serializers.DateField(source="last_day", read_only=True)
    state = serializers.ChoiceField(choices=LoanState.choices, read_only=True)
    side = serializers.SerializerMethodField(help_text="borrower or owner")
    other = serializers.SerializerMethodField(help_text="first name or association of the other side")
    can = serializers.SerializerMethodField(help_text="states to which you can move it")
    place = serializers.SerializerMethodField(help_text="name of the place of the guide where you meet")
    asked_at = serializers.DateTimeField(read_only=True)

    def _side(self, loan: Loan) -> LoanSide:
        user: User = self.context["request"].user
        return loan_people.side_of(user, loan) or LoanSide.BORROWER

    def get_side(self, loan: Loan) -> str:
        return self._side(loan).value

    def get_other(self, loan: Loan) -> str:
        owns = self._side(loan) is LoanSide.OWNER
        return loan_people.borrower_name(loan) if owns else loan_people.owner_name(loan.item)

    def get_can(self, loan: Loan) -> list[str]:
        return [state.value for state in possible_states(loan.state, self._side(loan))]

    def get_place(self, loan: Loan) -> str | None:
        return loan.meeting_place.name if loan.meeting_place else None


class LoanRequestSerializer(serializers.Serializer):
    """A request for an item. association: slug of one of the reader's associations. need: a need on which the reader
    works or that the reader took."""

    item = serializers.UUIDField()
    first = serializers.DateField()
    last = serializers.DateField()
    quantity = serializers.IntegerField(min_value=1, max_value=1000, default=1)
    association = serializers.SlugField(required=False, allow_null=True, default=None)
    need = serializers.UUIDField(required=False, allow_null=True, default=None)
    place = serializers.UUIDField(required=False, allow_null=True, default=None)


def without_contacts(text: str) -> str:
    """Return a text; raise ValidationError if it tells an address or how to reach somebody."""
    if tells_contact(text):
        raise serializers.ValidationError(str(CONTACT_WORDS))
    return text


class LoanStepSerializer(PiiCheckedSerializer):
    """A step. condition, text: the condition of the item at a hand-over, and a remark about it. seen: the state that
    the reader saw; a changed loan is refused."""

    pii_checked = {"text": EVERYTHING}

    state = serializers.ChoiceField(choices=LoanState.choices)
    seen = serializers.ChoiceField(choices=LoanState.choices, required=False)
    condition = serializers.ChoiceField(choices=ItemCondition.choices, required=False)
    text = serializers.CharField(max_length=300, allow_blank=True, default="")
    place = serializers.UUIDField(required=False, allow_null=True, default=None)

    def validate_text(self, text: str) -> str:
        return without_contacts(text)


class ItemDaySerializer(serializers.Serializer):
    """A day of an item's calendar: the number of free pieces. The names of borrowers are never shown."""

    day = serializers.DateField(read_only=True)
    free = serializers.IntegerField(read_only=True)
    of = serializers.IntegerField(read_only=True)
