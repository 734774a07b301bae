"""The text of docs/lifecycle.md, generated from the table of transitions. Pure."""

from django.utils import translation

from needs.base.lifecycle.transitions import REASONS, TRANSITIONS, Actor
from needs.enums import SILENT_STATES, TAKEABLE_STATES, UNFINISHED_STATES, NeedState, OutcomeReason

_HEAD = """# The lifecycle of a need

Generated from `needs/base/lifecycle/transitions.py` by `manage.py draw_lifecycle`. Do not edit it by hand: a test fails when it is out
of date. Every transition that is not in the diagram is refused. A need starts as *new*, or as *held* when the limit of
anonymous reports is exceeded. Tours take needs and give them back with the same steps (docs/tour-stops.md).
"""
_MERGES = """
A merge moves a need to *duplicate*; undoing the merge restores the previous state (`needs.help.triage.duplicates`). No other
step leads out of *duplicate*.
"""


def lifecycle_page() -> str:
    """Return the page in English: diagram, states, transitions with their actors and reasons."""
    with translation.override("en"):
        return "\n".join([_HEAD, *_diagram(), _MERGES, *_states(), "", *_transitions()]) + "\n"


def _diagram() -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {state.value} : {state.label}" for state in NeedState]
    lines += ["    [*] --> held", "    [*] --> new"]
    lines += [
        f"    {before.value} --> {after.value} : {_who(actors)}" for (before, after), actors in TRANSITIONS.items()
    ]
    return [*lines, "```"]


def _states() -> list[str]:
    lines = [
        "## States",
        "",
        "| state | label | unfinished | can be taken | counts as evidence |",
        "|---|---|---|---|---|",
    ]
    for state in NeedState:
        facts = (state in UNFINISHED_STATES, state in TAKEABLE_STATES, state not in SILENT_STATES)
        lines.append(
            f"| `{state.value}` | {state.label} | " + " | ".join("yes" if fact else "no" for fact in facts) + " |"
        )
    return lines


def _transitions() -> list[str]:
    lines = [
        "## Steps", "", "A dispatcher must give one of the reasons, if the step has any, and may add a comment.", "",
        "| from | to | " + " | ".join(actor.value for actor in Actor) + " | reasons |",
        "|---|---|" + "---|" * len(Actor) + "---|",
    ]  # fmt: skip
    for (before, after), actors in TRANSITIONS.items():
        may = " | ".join("yes" if actor in actors else "" for actor in Actor)
        lines.append(f"| `{before.value}` | `{after.value}` | {may} | {_why(after)} |")
    return lines


def _who(actors: frozenset[Actor]) -> str:
    return ", ".join(actor.value for actor in Actor if actor in actors)


def _why(after: NeedState) -> str:
    return ", ".join(str(OutcomeReason(reason).label) for reason in REASONS.get(after, ()))
