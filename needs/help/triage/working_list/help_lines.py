"""Lines of the desk from the wings below: messages about needs, places that were not safe, texts to moderate, requests to
join."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from needs.base.dispatch_scope import scope
from needs.conversations.moderation_desk import case_access, case_presenter
from needs.enums import DeskFilter, Urgency
from needs.help.reporter_messages import desk_inbox
from needs.help.triage.working_list.desk_lines import MOST, DeskLine, LineSource, harm_of
from needs.models import ModerationCase, Need
from volunteers.models import Application, DutyRequest
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duty_requests
from volunteers.site.applications import applying


def _messages(viewer: Viewer, now: datetime) -> list[DeskLine]:
    """Return messages to answer or to pass on, and reports that somebody did not feel safe."""
    inbox = desk_inbox.inbox_of(scope.needs_for(viewer), now)
    lines = []
    for message in inbox.to_answer.select_related("conversation__need__district")[:MOST]:
        need = message.conversation.need
        if need is None:
            continue
        path = reverse("needs:conversation_about", args=["need", need.pk]) + "#newest"
        why = _("The reporter wrote and waits for an answer.")
        lines.append(_about(need, f"answer-{message.pk}", "mail", why, message.at, now, path=path, words=message.text))
    for message in inbox.to_pass_on.select_related("conversation__commitment__need__district")[:MOST]:
        held, why = message.conversation.commitment, _("A volunteer asks you to tell the reporter by telephone.")
        if held is None:
            continue
        lines.append(_about(
            held.need, f"pass-{message.pk}", "call", why, message.at, now, words=message.text,
            done=reverse("needs:commitment_passed_on", args=[message.pk]), done_words=_("I passed it on"),
        ))  # fmt: skip
    for said in inbox.unsafe.select_related("commitment__need__district")[:MOST]:
        need, why = said.commitment.need, _("Somebody did not feel safe there.")
        lines.append(_about(
            need, f"unsafe-{said.pk}", "alert", why, said.at, now, words=said.text,
            done=reverse("needs:unsafe_seen", args=[said.commitment_id]), done_words=_("I have seen it"),
        ))  # fmt: skip
    for own in inbox.left.select_related("need__district")[:MOST]:
        why = _("Somebody gave this need back because it was not safe.")
        lines.append(_about(
            own.need, f"left-{own.pk}", "alert", why, own.ended_at or now, now,
            done=reverse("needs:unsafe_seen", args=[own.pk]), done_words=_("I have seen it"),
        ))  # fmt: skip
    return lines


def _about(
    need: Need, key: str, icon: str, why: str, at: datetime, now: datetime, *, path: str = "", **more: Any
) -> DeskLine:
    return DeskLine(
        DeskFilter.MESSAGES, key, icon, "", why, at, path or reverse("needs:triage_need", args=[need.pk]),
        harm_of(Urgency.NOW, at, now), kinds=tuple(need.kinds), place=need.district.name if need.district else "", **more,
    )  # fmt: skip


def _texts(viewer: Viewer, now: datetime) -> list[DeskLine]:
    """Return the texts that a moderator has to decide on. The list does not repeat their words."""
    cases = case_access.waiting_for(viewer).select_related("territory").defer("territory__polygon")
    lines = []
    for case in cases.prefetch_related("reports")[:MOST]:
        at = case.appealed_at or case.opened_at
        lines.append(DeskLine(
            DeskFilter.TEXTS, f"text-{case.pk}", "words", str(case.get_kind_display()).capitalize(), _reason(case), at,
            reverse("needs:moderation_case", args=[case.pk]), harm_of(Urgency.SOON, at, now),
            place=case.territory.name if case.territory else "",
        ))  # fmt: skip
    return lines


def _reason(case: ModerationCase) -> str:
    if case.is_appealed:
        return _("The author asks you to look at the decision again.")
    reasons = ", ".join(label for label, _number in case_presenter.reasons_of(case))
    if reasons:
        return _("Somebody reported it: %(reasons)s.") % {"reasons": reasons}
    return _("A held word keeps it back until you decide.")


def _requests(viewer: Viewer, now: datetime) -> list[DeskLine]:
    """Return requests for duties, and associations that ask to work here."""
    duties, applications = duty_requests.waiting_for(viewer), applying.waiting_for(viewer).defer("territory__polygon")
    asked = [
        DeskLine(
            DeskFilter.REQUESTS, f"duty-{each.pk}", "person", each.user.given_name,
            _("Asks for a duty: %(duty)s.") % {"duty": each.get_duty_display()}, each.asked_at,
            reverse("territories:duties") + f"#request-{each.pk}", harm_of(Urgency.LATER, each.asked_at, now),
            place=each.territory.name,
        )
        for each in duties[:MOST]
    ]  # fmt: skip
    applied = [
        DeskLine(
            DeskFilter.REQUESTS, f"application-{each.pk}", "association", each.name, _("This association asks to work here."),
            each.asked_at, reverse("applications:applications") + f"#application-{each.pk}",
            harm_of(Urgency.LATER, each.asked_at, now), place=each.territory.name,
        )
        for each in applications[:MOST]
    ]  # fmt: skip
    return [*asked, *applied]


def _any_requests(_now: datetime) -> Iterable[QuerySet[Any, Any]]:
    return DutyRequest.objects.waiting(), Application.objects.waiting()


SOURCES = (
    LineSource(DeskFilter.MESSAGES, desk_inbox.needs_of_entries, _messages),
    LineSource(DeskFilter.TEXTS, lambda _now: [ModerationCase.objects.waiting()], _texts),
    LineSource(DeskFilter.REQUESTS, _any_requests, _requests),
)
