"""Commitments: taking a need, wholly or in part, until a visible expiry, and everything that can happen to that promise.

Every verb is one transaction. It locks the need's row first, so that what its parts say and where it stands agree.
"""

from needs.commitments.ending import GIVE_BACK_REASONS, done, done_by_others, lapse, state_of_parts, withdraw
from needs.commitments.handing import answer, ask_for, decider_of, mates_of, offer
from needs.commitments.holding import extend, left_to_extend, remind
from needs.commitments.near import Nearby, Wanted, how_many, open_need, open_needs
from needs.commitments.refusals import Refusal, Refused
from needs.commitments.seeing import Exact, look
from needs.commitments.taking import free_kinds, take
from needs.commitments.talking import passed_on, say_how_it_went, write_to_holder, write_to_reporter

__all__ = [
    "GIVE_BACK_REASONS",
    "Exact",
    "Nearby",
    "Refusal",
    "Refused",
    "Wanted",
    "answer",
    "ask_for",
    "decider_of",
    "done",
    "done_by_others",
    "extend",
    "free_kinds",
    "how_many",
    "lapse",
    "left_to_extend",
    "look",
    "mates_of",
    "offer",
    "open_need",
    "open_needs",
    "passed_on",
    "remind",
    "say_how_it_went",
    "state_of_parts",
    "take",
    "withdraw",
    "write_to_holder",
    "write_to_reporter",
]
