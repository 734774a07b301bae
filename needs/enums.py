"""Choices of the needs app."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from volunteers.enums import Category as Category


class ReportKind(models.IntegerChoices):
    """Kinds of report that give evidence. The evidence of an encounter on a tour is part of the tour's evidence."""

    TOUR = 1, _("tour")
    ENCOUNTER = 2, _("encounter")
    CITIZEN_REPORT = 3, _("citizen report")
    NEED = 4, _("need")
    AID = 5, _("aid")
    OVERRIDE = 6, _("override")


class Urgency(models.TextChoices):
    NOW = "now", _("today")
    SOON = "soon", _("in the next days")
    LATER = "later", _("when possible")


class Origin(models.TextChoices):
    """Who reports a need."""

    CITIZEN = "citizen", _("someone who saw it")
    SELF = "self", _("the person concerned")
    ENCOUNTER = "encounter", _("an association, from an encounter")
    IMPORT = "import", _("an imported archive")


class NeedState(models.TextChoices):
    """State of a need; ``needs.base.lifecycle.transitions`` has the transitions."""

    HELD = "held", _("waiting for a moderator")
    NEW = "new", _("new")
    VERIFIED = "verified", _("verified")
    OPEN = "open", _("open")
    COMMITTED = "committed", _("somebody is on it")
    PARTLY_MET = "partly_met", _("partly met")
    MET = "met", _("met")
    UNMET = "unmet", _("not met")
    DUPLICATE = "duplicate", _("duplicate")
    REJECTED = "rejected", _("rejected")
    EXPIRED = "expired", _("expired")
    REOPENED = "reopened", _("reopened")


UNFINISHED_STATES = (
    NeedState.HELD,
    NeedState.NEW,
    NeedState.VERIFIED,
    NeedState.OPEN,
    NeedState.COMMITTED,
    NeedState.PARTLY_MET,
    NeedState.REOPENED,
)
TAKEABLE_STATES = (NeedState.OPEN, NeedState.COMMITTED, NeedState.PARTLY_MET)
SILENT_STATES = (NeedState.HELD, NeedState.REJECTED, NeedState.DUPLICATE)
"""States in which a need carries no evidence."""


class OutcomeReason(models.TextChoices):
    """Reason why a need or a commitment ended."""

    HELPED = "helped", _("help was brought")
    REFERRED = "referred", _("sent on to a service")
    SOLVED_ITSELF = "solved_itself", _("it was solved without us")
    BY_OTHERS = "by_others", _("others had done it already")
    NOT_FOUND = "not_found", _("nobody was found there")
    REFUSED = "refused", _("the person did not want it")
    NOBODY_FREE = "nobody_free", _("nobody was free")
    NOTHING_LEFT = "nothing_left", _("what was needed was not available")
    TOO_FAR = "too_far", _("too far away")
    UNSAFE = "unsafe", _("it was not safe")
    UNREACHABLE = "unreachable", _("the reporter could not be reached")
    NOT_A_NEED = "not_a_need", _("it is not a need")
    JUNK = "junk", _("advertising, a joke or a test")
    ABOUT_A_PERSON = "about_a_person", _("it is about a particular person")
    SAME_AS = "same_as", _("it repeats another report")
    TOO_OLD = "too_old", _("nothing happened for a long time")
    STILL_NEEDED = "still_needed", _("it is still needed")
    MISTAKE = "mistake", _("it was closed by mistake")
    LAPSED = "lapsed", _("the time of the person who took it is over")
    POSTPONED = "postponed", _("the tour had no time left for it")
    OTHER = "other", _("another reason")


class Actor(models.TextChoices):
    """Who moves a need to another state."""

    DISPATCHER = "dispatcher", _("a dispatcher")
    HELPER = "helper", _("a person who took the need")
    REPORTER = "reporter", _("the reporter")
    CLOCK = "clock", _("automatic")


class CallResult(models.TextChoices):
    REACHED = "reached", _("reached")
    NO_ANSWER = "no_answer", _("no answer")
    VOICEMAIL = "voicemail", _("left a message")
    WRONG_NUMBER = "wrong_number", _("wrong number")
    LANGUAGE = "language", _("no common language")
    CALL_LATER = "call_later", _("asked to call later")
    CALLED_IN = "called_in", _("the reporter called us")


class Answer(models.TextChoices):
    """Answer to a proposal or a hand-over; empty until it is given."""

    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    EXPIRED = "expired", _("expired")


class RequestAnswer(models.TextChoices):
    """Answer to a suggested tour; empty until it is given."""

    ACCEPTED = "accepted", _("accepted")
    CHANGED = "changed", _("accepted with changes")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Side(models.TextChoices):
    """The side that gives feedback."""

    VOLUNTEER = "volunteer", _("the volunteer")
    REPORTER = "reporter", _("the reporter")


class WentWell(models.TextChoices):
    """How the people involved felt about a commitment."""

    WELL = "well", _("it went well")
    PARTLY = "partly", _("partly")
    BADLY = "badly", _("it did not go well")


class SearchPage(models.TextChoices):
    """Page that a saved search belongs to."""

    TRIAGE = "triage", _("needs to sort")
    CRISIS = "crisis", _("crisis")
    ALERTS = "alerts", _("alerts")


class Lane(models.TextChoices):
    """A lane of a dispatcher's queue (needs.base.dispatch_scope.scope)."""

    OWN = "own", _("my territories")
    UNASSIGNED = "unassigned", _("not assigned")
    SHARED = "shared", _("shared with my territories")


class DeskFilter(models.TextChoices):
    """A filter of the desk's list that shows one sort of line, with the name of one such line."""

    MESSAGES = "messages", _("message")
    TEXTS = "texts", _("text")
    REQUESTS = "requests", _("request")


class AlarmSource(models.TextChoices):
    """How a danger to life was recognised."""

    WORDS = "words", _("danger words in the text")
    GATE = "gate", _("the questions before the form")
    DESK = "desk", _("a dispatcher")


class WordsWay(models.TextChoices):
    """The way in which words of danger about a stored report came in. RECEIVED: by text message or e-mail."""

    MESSAGE = "message", _("a message on this site")
    REFUSED = "refused", _("a message that was refused")
    RECEIVED = "received", _("a text message or an e-mail")
    FEEDBACK = "feedback", _("feedback")
    OFFER = "offer", _("an offer of help")
    HAND_OVER = "hand_over", _("a hand-over")
    GROUP = "group", _("the answer of a group")


class AlarmStep(models.TextChoices):
    """How somebody acknowledged a danger alarm."""

    CALLED = "called", _("emergency services called")
    INFORMED = "informed", _("emergency services already informed")
    NOT_EMERGENCY = "not_emergency", _("not an emergency")


class ReporterAnswer(models.TextChoices):
    """The reporter's answer on the page with the emergency numbers."""

    CALLED = "called", _("I have called")
    CANNOT_CALL = "cannot_call", _("I cannot call")
    NOT_EMERGENCY = "not_emergency", _("this is not an emergency")


class News(models.TextChoices):
    """Events that a reporter is told about."""

    STEP = "step", _("a step of the need")
    MESSAGE = "message", _("a relayed message")
    LAPSED = "lapsed", _("the end of a commitment")


class HelpAnswer(models.TextChoices):
    """The desk's answer to an offer of help; empty until it is given."""

    ALLOWED = "allowed", _("allowed")
    DECLINED = "declined", _("declined")


class CommitmentState(models.TextChoices):
    ACTIVE = "active", _("active")
    DONE = "done", _("done")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", _("withdrawn")
    HANDED = "handed", _("handed over")
    BY_OTHERS = "by_others", _("done by others")


class TourMode(models.TextChoices):
    FOOT = "foot", _("on foot")
    BICYCLE = "bicycle", _("by bicycle")
    VEHICLE = "vehicle", _("by van or car")


class StopKind(models.TextChoices):
    """The kind of a tour's stop."""

    NEED = "need", _("a need")
    CELL = "cell", _("a cell to search")
    PLACE = "place", _("a place to visit")
    NOTE = "note", _("a note")


class StopOutcome(models.TextChoices):
    """The outcome of a stop; empty until there is one. VISITED: the crew was there, at a stop that is not a need."""

    HELPED = "helped", _("helped")
    NOT_FOUND = "not_found", _("not found")
    REFUSED = "refused", _("refused")
    POSTPONED = "postponed", _("postponed")
    VISITED = "visited", _("visited")


class SeenAtStop(models.TextChoices):
    """What a crew saw at a stop where it did not find the people of a need."""

    NOBODY = "nobody", _("nobody")
    TRACES = "traces", _("belongings or a place to sleep")
    OTHERS = "others", _("other people")


class Channel(models.TextChoices):
    """Channel through which a report came in."""

    WEB = "web", _("web form")
    PHONE = "phone", _("telephone")
    IMPORT = "import", _("import")
    EVENT_LOG = "event_log", _("event log")
    DEMO = "demo", _("demonstration")
    API = "api", _("API")
    OPEN311 = "open311", _("Open311")
    SMS = "sms", _("text message")
    EMAIL = "email", _("e-mail")


class Outcome(models.TextChoices):
    """Result of importing a row."""

    ACCEPTED = "accepted", _("accepted")
    REPAIRED = "repaired", _("repaired")
    REFUSED = "refused", _("refused")
    KNOWN = "known", _("already there")


class QuestionKind(models.TextChoices):
    """Kind of answer to a custom question."""

    YES_NO = "yes_no", _("yes or no")
    NUMBER = "number", _("a number")
    CHOICE = "choice", _("one of several")
    TEXT = "text", _("a few words")
