"""The Why page in words, composed from numbers: right with none, one and many, in any language of the site."""

from mapping.why.words.anew import agreement, digit_label
from mapping.why.words.evidence import (
    citizens_band,
    citizens_day,
    part_label,
    rows_left,
    search_words,
    somebody,
    sources,
    tally,
)
from mapping.why.words.model import (
    at_most,
    interval_words,
    model_lines,
    reach,
    rule,
    searched_from,
    sweeps_unit,
    theta_label,
)
from mapping.why.words.nearest import act_words, flip_words, no_flip
from mapping.why.words.numbers import day_words, decimals, digits, people, searched_on, short_day, status_label
from mapping.why.words.past import both_verdicts, claim, one_verdict, step_counts, step_words
from mapping.why.words.unknowns import (
    citizens_unknown,
    frozen_unknowns,
    help_not_logged,
    hours_unknown,
    no_visit_since,
    part_of_day,
    time_unlogged,
)

__all__ = [
    "act_words",
    "agreement",
    "at_most",
    "both_verdicts",
    "citizens_band",
    "citizens_day",
    "citizens_unknown",
    "claim",
    "day_words",
    "decimals",
    "digit_label",
    "digits",
    "flip_words",
    "frozen_unknowns",
    "help_not_logged",
    "hours_unknown",
    "interval_words",
    "model_lines",
    "no_flip",
    "no_visit_since",
    "one_verdict",
    "part_label",
    "part_of_day",
    "people",
    "reach",
    "rows_left",
    "rule",
    "search_words",
    "searched_from",
    "searched_on",
    "short_day",
    "somebody",
    "sources",
    "status_label",
    "step_counts",
    "step_words",
    "sweeps_unit",
    "tally",
    "theta_label",
    "time_unlogged",
]
