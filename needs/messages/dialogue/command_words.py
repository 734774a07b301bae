"""The four commands that a message can give (STOP, START, INFO, STATUS), with their words in nine languages."""

from enum import StrEnum

from needs.messages.dialogue.message_words import LANGUAGES, of_language, readable, words

_POLITE = frozenset(words("please thanks thank you svp stp merci s il vous plait por favor gracias va rog"))


MOST_WORDS = 7


class Command(StrEnum):
    STOP = "stop"
    START = "start"
    INFO = "info"
    STATUS = "status"


def command_of(text: str) -> tuple[Command, str] | None:
    """Return the command that a message consists of, and the language of its word; "" if several languages have this
    word. Apart from the command, the message may contain only numbers and polite words, which are ignored. So "Stop
    him!" is not a command, and a number after STATUS cannot select somebody else's report.
    """
    said = tuple(word for word in words(readable(text)) if not word.isdecimal())
    if not 0 < len(said) <= MOST_WORDS:
        return None
    bare = tuple(word for word in said if word not in _POLITE)
    found = [
        (Command(name), code)
        for code in LANGUAGES
        for name, entries in of_language(code).named("commands").items()
        if any(entry.words in (said, bare) for entry in entries)
    ]
    if not found:
        return None
    return found[0][0], found[0][1] if len(found) == 1 else ""
