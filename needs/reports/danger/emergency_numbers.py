"""The telephone numbers for each danger, by country, in the order in which to call them."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.site import emergency_gate, site_choices
from solidarity.lib.site.emergency_gate import Danger, Line

_POLICE = _("Police")
_FIRE = _("Fire brigade")
_SUICIDE = _("Help when somebody thinks of suicide")
_VIOLENCE = _("Helpline for victims of violence")
_WOMEN = _("Helpline for women who suffer violence")

# Numbers to call before the general emergency numbers. Countries and dangers that are not listed have only the general
# numbers.
_FIRST: dict[DangerFlag, dict[str, tuple[Line, ...]]] = {
    DangerFlag.FIRE: {"FR": (Line("18", _FIRE),), "CH": (Line("118", _FIRE),), "IT": (Line("115", _FIRE),)},
    DangerFlag.VIOLENCE: {
        "FR": (Line("17", _POLICE),),
        "CH": (Line("117", _POLICE),),
        "DE": (Line("110", _POLICE),),
        "LU": (Line("113", _POLICE),),
    },
    DangerFlag.SUICIDE: {
        "FR": (Line("3114", _SUICIDE),),
        "CH": (Line("143", _SUICIDE),),
        "ES": (Line("024", _SUICIDE),),
        "GB": (Line("116 123", _SUICIDE),),
        "US": (Line("988", _SUICIDE),),
        "CA": (Line("988", _SUICIDE),),
    },
}
# Numbers to call after the general emergency numbers: helplines that give advice but send nobody.
_AFTER: dict[DangerFlag, dict[str, tuple[Line, ...]]] = {
    DangerFlag.VIOLENCE: {
        "FR": (Line("3919", _WOMEN),),
        "DE": (Line("116 016", _WOMEN),),
        "ES": (Line("016", _WOMEN),),
        "IT": (Line("1522", _VIOLENCE),),
        "GB": (Line("0808 2000 247", _WOMEN),),
        "US": (Line("1 800 799 7233", _VIOLENCE),),
    },
}
_EVERY_EMERGENCY: dict[DangerFlag, Danger] = {
    DangerFlag.FIRE: Danger.COLD,
    DangerFlag.VIOLENCE: Danger.COLD,
    DangerFlag.CHILD_ALONE: Danger.MINOR,
}
_ONLY_ANY = (DangerFlag.FIRE, DangerFlag.VIOLENCE)


def lines_for_flags(flags: Iterable[str], country: str | None = None) -> tuple[Line, ...]:
    """Return the telephone lines for some flags, the best first, without duplicates. Without flags, return the general
    lines.

    country: ISO 3166 code, by default the site's.
    """
    where = site_choices.country() if country is None else country
    chosen = [flag for flag in DangerFlag if flag in set(flags)]
    lines: list[Line] = []
    for flag in chosen:
        lines += _FIRST.get(flag, {}).get(where, ())
        usual = emergency_gate.lines_for(country, _EVERY_EMERGENCY.get(flag, Danger.MEDICAL))
        lines += usual[:1] if flag in _ONLY_ANY else usual
        lines += _AFTER.get(flag, {}).get(where, ())
    if not chosen:
        lines += [*emergency_gate.lines_for(country, Danger.MEDICAL), *emergency_gate.lines_for(country, Danger.COLD)]
    once = list({line.number: line for line in [*lines, *emergency_gate.lines_for(country, Danger.MEDICAL)]}.values())
    return tuple(sorted(once, key=lambda line: line.by_text))


GROUPS: dict[str, tuple[DangerFlag, ...]] = {
    "fire": (DangerFlag.FIRE,),
    "violence": (DangerFlag.VIOLENCE,),
    "suicide": (DangerFlag.SUICIDE,),
    "child_alone": (DangerFlag.CHILD_ALONE,),
    "medical": (DangerFlag.UNCONSCIOUS,),
    "any": (),
}
"""Groups of flags with the same numbers, for pages that show numbers offline. All flags not listed are medical."""
