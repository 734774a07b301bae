"""The line about citizens' silence on the Why page. Only coordinators see this line, because only a few people may live
in a quarter."""

from mapping.coverage.citizen_rates.rates_in_force import versions_in_force
from mapping.map.why.wording import evidence_words
from mapping.map.why.zone_evidence import CellEvidence, silence_of
from mapping.models import moment_of

_LEAST_SWEEPS = 0.05  # a smaller weight is shown as 0.0


def silence_line(evidence: CellEvidence) -> str:
    """Describe the weight of the silence of citizens in the cells; empty if the weight is almost zero."""
    mine, sweeps = evidence.states, float(silence_of(evidence).mean())
    territory = int(mine.territory[0])
    version = versions_in_force([territory], moment_of(evidence.day)).get(territory)
    if version is None or sweeps < _LEAST_SWEEPS:
        return ""
    days, rows = round(evidence.model.recent_days), evidence.report_rows.rows
    recent = rows.by_citizens & (rows.day > evidence.day - days) & (rows.day <= evidence.day)
    per_person = float(mine.citizen_rate.mean()) / version.weight_of_one(evidence.model.account_trust)
    return evidence_words.silence(per_person, int(recent.sum()), days, sweeps, len(evidence))
