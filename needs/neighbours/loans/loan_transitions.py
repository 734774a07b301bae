"""All legal steps of a loan in one table, from which docs/loans.md is drawn.

Only the receiver of the item can record a hand-over: the borrower when the loan begins, the owner when the item is
returned. So the other side cannot claim a hand-over that did not happen.
"""

from django.utils import translation

from needs.neighbours.lending.loan_models import HOLDING_STATES
from needs.neighbours.lending.loan_states import LoanSide, LoanState

_B, _O, _C = LoanSide.BORROWER, LoanSide.OWNER, LoanSide.CLOCK
_S = LoanState

_NEXT: dict[LoanState, dict[LoanState, tuple[LoanSide, ...]]] = {
    _S.ASKED: {_S.AGREED: (_O,), _S.WAITING: (_O,), _S.DECLINED: (_O,), _S.CANCELLED: (_B, _C)},
    _S.WAITING: {_S.ASKED: (_C,), _S.DECLINED: (_O,), _S.CANCELLED: (_B, _C)},
    _S.AGREED: {_S.HANDED_OVER: (_B,), _S.CANCELLED: (_B, _O, _C)},
    _S.HANDED_OVER: {
        _S.RETURNED: (_O,), _S.LATE: (_C,), _S.LOST: (_B, _O), _S.BROKEN: (_B, _O), _S.KEPT: (_O,),
    },
    _S.LATE: {_S.RETURNED: (_O,), _S.LOST: (_B, _O), _S.BROKEN: (_B, _O), _S.KEPT: (_O,)},
    _S.RETURNED: {},
    _S.DECLINED: {},
    _S.CANCELLED: {},
    _S.LOST: {_S.RETURNED: (_O,)},
    _S.BROKEN: {_S.RETURNED: (_O,)},
    _S.KEPT: {},
}  # fmt: skip

STEPS = {(before, after): frozenset(who) for before, steps in _NEXT.items() for after, who in steps.items()}
"""Step (before, after) → sides that may take it. Any other step is refused."""

_MEANING: dict[LoanState, str] = {
    _S.ASKED: "the owner has to answer",
    _S.WAITING: "all pieces are lent on these days; the first who waits is asked for again when the days are free",
    _S.AGREED: "the pieces are kept for these days",
    _S.HANDED_OVER: "the borrower has it, and said so",
    _S.LATE: "the last day is over and the owner does not have it back; set every day by the clock",
    _S.RETURNED: "the owner has it back, and said so",
    _S.DECLINED: "the owner said no",
    _S.CANCELLED: "one of the two changed their mind, or the first day passed without an answer or hand-over",
    _S.LOST: "it will not come back; one piece fewer is lent",
    _S.BROKEN: "it cannot be lent any more; one piece fewer is lent",
    _S.KEPT: "the owner gave it to the borrower; one piece fewer is lent",
}


def can(before: str, after: str, side: LoanSide) -> bool:
    return side in STEPS.get((LoanState(before), LoanState(after)), frozenset())


def possible_states(before: str, side: LoanSide) -> list[LoanState]:
    """Return the states that a side can move a loan to, in the order of the table."""
    return [after for (start, after), who in STEPS.items() if start == before and side in who]


# --- docs/loans.md -------------------------------------------------------------------------------------------------

_HEAD = """# Loans

Generated from `needs/neighbours/loans/loan_transitions.py` by `manage.py draw_lifecycle`. Do not edit it by hand: a test fails when
it is out of date. Every step that is not in the diagram is refused.

- A hand-over is recorded only by the person who receives the item: by the borrower when the loan begins, by the owner
  when the item is returned.
- The database prevents that two loans occupy the same piece on the same day (`LoanedPiece`). If an owner accepts more
  requests at the same moment than there are pieces, only as many are accepted as there are pieces.
- Each step can be undone for a minute by the person who took it, as long as nothing else happened.
- The calendar of an item shows the free days and the taken days. It never shows who borrows the item.
- Each side sees the first name of the other side and nothing else. They meet at a place of the guide, never at a home.
- An association can borrow for somebody without an account. The loan names the association alone.
"""


def loans_page() -> str:
    """Return the page in English: diagram, states, steps with their sides."""
    with translation.override("en"):
        lines = [_HEAD, "```mermaid", "stateDiagram-v2"]
        lines += [f"    {state.value} : {state.label}" for state in LoanState]
        lines += ["    [*] --> asked", "    [*] --> waiting"]
        lines += [f"    {before.value} --> {after.value} : {_who(who)}" for (before, after), who in STEPS.items()]
        lines += ["```", "## States", "", "| state | label | occupies a piece | meaning |", "|---|---|---|---|"]
        for state in LoanState:
            holds = "yes" if state in HOLDING_STATES else "no"
            lines.append(f"| `{state.value}` | {state.label} | {holds} | {_MEANING[state]} |")
        lines += ["", "## Steps", "", "| from | to | who |", "|---|---|---|"]
        lines += [f"| `{before.value}` | `{after.value}` | {_who(who)} |" for (before, after), who in STEPS.items()]
        return "\n".join(lines) + "\n"


def _who(sides: frozenset[LoanSide]) -> str:
    return ", ".join(side.value for side in LoanSide if side in sides)
