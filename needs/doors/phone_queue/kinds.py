"""The kinds of items and files that the phone queue accepts, each with its handler."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from needs.base.attachments import photos, voice_notes
from needs.doors.phone_queue import message_kinds, removal_kinds, report_kinds, signpost_kinds, stop_kinds, tour_kinds
from needs.doors.phone_queue.queue_items import Outcome, Prepared, Sent, SentFile
from needs.doors.phone_queue.stock_kinds import take_scan


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file. most_bytes: maximum size; types: accepted content types."""

    take: Callable[[SentFile], Outcome]
    most_bytes: int
    types: tuple[str, ...]


REPORTS: Mapping[str, Callable[[Sent], Outcome | Prepared]] = {
    "encounter": report_kinds.prepare_encounter,
    "nobody": report_kinds.prepare_nobody,
    "need": report_kinds.prepare_need,
    "crisis": report_kinds.prepare_crisis,
    "tour-tap": tour_kinds.prepare_tap,
}
"""Reports. Neighbours in the queue are filed together."""
KINDS: Mapping[str, Callable[[Sent], Outcome]] = {
    "danger-answer": report_kinds.take_danger_answer,
    "tour-start": report_kinds.take_tour_start,
    "tour-stop": report_kinds.take_tour_stop,
    "tour-minutes": tour_kinds.take_tour_minutes,
    "stop-outcome": stop_kinds.take_stop_outcome,
    "stock-scan": take_scan,
    "take-back": tour_kinds.take_back,
    "message": message_kinds.take_message,
    "next-word": tour_kinds.take_next_word,
    "decline": removal_kinds.take_decline,
    "close-crisis": removal_kinds.take_close_crisis,
    "signposted": signpost_kinds.take_signposted,
}
FILES: Mapping[str, FileKind] = {
    "photo": FileKind(report_kinds.take_photo, photos.MOST_BYTES, photos.TYPES),
    "voice": FileKind(report_kinds.take_voice, voice_notes.MOST_BYTES, voice_notes.TYPES),
}
