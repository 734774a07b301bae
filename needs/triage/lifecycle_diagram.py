"""docs/lifecycle.md, drawn from the one table of transitions (needs.triage.lifecycle). Pure."""

from django.utils import translation

from needs.enums import SILENT_STATES, TAKEABLE_STATES, UNFINISHED_STATES, NeedState, OutcomeReason
from needs.triage.lifecycle import REASONS, TRANSITIONS, Actor

_HEAD = """# The way of a need

Drawn from `needs/triage/lifecycle.py` by `manage.py draw_lifecycle`; do not edit it by hand. A test fails when it is out of date.
What is not drawn here is refused. A need that comes in is *new*, or *held* past the limit of anonymous reports.
"""
_MERGES = """
A merge brings a need to *duplicate*; undoing it gives back the state of before (`needs.triage.duplicates`). No other step
leads out of *duplicate*.
"""


def drawing() -> str:
    """The page, in English: a diagram, the states, the transitions with who may make them, and the reasons they take."""
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
        "| state | called | unfinished | can be taken | carries evidence |",
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
        "## Steps", "", "A dispatcher gives one of the reasons where there are any, and may add words of their own.", "",
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
