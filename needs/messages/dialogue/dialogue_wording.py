"""The automatic answers in the active language. The answers contain no place, no name and no number of a person.

In English and French each text fits into one text message of 160 signs of the GSM alphabet, in other languages into
two (docs/channels.md).
"""

from collections.abc import Collection, Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.base.lifecycle import merge_chains
from needs.enums import Category
from needs.messages.channels.models import DialogueStep
from needs.models import Need
from needs.reports.danger import alarm_receipts, alarms
from needs.reports.danger.emergency_numbers import lines_for_flags
from needs.reports.need_wording import plain_steps
from solidarity.lib.site import emergency_gate, site_choices
from solidarity.lib.site.emergency_gate import Danger, Line
from volunteers.people.notifications.content_policy import ForbiddenContent, check_content

MOST_NUMBERS = 3
QUESTION_WORDS: Mapping[str, Promise] = {
    DialogueStep.PLACE: gettext_lazy(
        "Where is help needed? Write the address, a crossing or a known place, or share your position."
    ),
    DialogueStep.KIND: gettext_lazy("What is needed? For example: food, a blanket, clothes, care, a place to sleep."),
    DialogueStep.PERSONS: gettext_lazy("For how many people? Answer with a number."),
}
"""The question of each step, also for dispatchers (``needs.messages.message_desk``)."""


def question(step: DialogueStep) -> str:
    """Return the question of a step."""
    return str(QUESTION_WORDS[step])


def danger(flags: Iterable[str]) -> str:
    """Return the emergency numbers of this site for some dangers, with the numbers for text messages in a separate
    sentence. The content policy takes some emergency numbers for numbers of people, especially numbers that
    administrators entered. Such numbers are left out, and the country's usual numbers are used instead.
    """
    lines = lines_for_flags(flags)
    kept = [line for line in lines if _may_be_sent(line)]
    if len(kept) < len(lines):
        kept += [line for line in emergency_gate.lines_for(site_choices.country(), Danger.COLD) if line not in kept]
    calls = [line.number for line in kept if not line.by_text and _may_be_sent(line)][:MOST_NUMBERS]
    texts = [line.number for line in kept if line.by_text]
    said = _call(", ".join(calls))
    if texts:
        said += " " + _("By text message: %(numbers)s.") % {"numbers": ", ".join(texts)}
    return said


def _call(numbers: str) -> str:
    return _("If someone is in danger, call now: %(numbers)s.") % {"numbers": numbers}


def _may_be_sent(line: Line) -> bool:
    try:
        check_content(_call(line.number))
    except ForbiddenContent:
        return False
    return True


def filed(kinds: Collection[str] = ()) -> str:
    """Return the receipt of a report. If a place to sleep is needed, it begins with the number to call for one."""
    thanks = _(
        "Thank you. Your report is stored, and a dispatcher reads it. Write STATUS to know more, STOP to end messages."
    )
    line = emergency_gate.shelter_line() if Category.SHELTER in kinds else None
    if line is None or not _may_be_sent(line):
        return thanks
    return f"{_('For a bed tonight, call %(number)s.') % {'number': line.number}} {thanks}"


def at_desk() -> str:
    return _("Thank you. A person reads your message and will answer you.")


def added() -> str:
    return _("Thank you. We added this to your report.")


def stopped() -> str:
    return _("You get no more messages from us. Write START to get messages again.")


def started() -> str:
    return _("You get messages from us again. Write STOP to end them.")


def info() -> str:
    return _(
        "We pass needs in the street on to local helpers. Your contact is stored encrypted and deleted later. "
        "Write what is needed and where."
    )


def no_report() -> str:
    return _("We know of no report from you. Write what is needed and where.")


def status_of(need: Need) -> str:
    """Return the step of a need, or of the need that it was merged into. If violence is possible, reveal nothing."""
    if alarm_receipts.is_discreet(need.pk):
        return _("Your message has arrived.")
    latest = merge_chains.target_of(need).steps.filter(by_reporter=False).order_by("-at", "-pk").first()
    alarm = alarms.of_report(need.pk) is not None
    return str(plain_steps([latest], alarm=alarm)[0].words) if latest else _("Your message has arrived.")
