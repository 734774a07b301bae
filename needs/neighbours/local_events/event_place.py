"""Where an event takes place, in words. If the address of a place became secret, only its name is shown."""

from needs.models import LocalEvent


def name_of_place(event: LocalEvent) -> str:
    """Return the name of the event's place in the guide, or its address; "" if neither is known."""
    return event.place.name if event.place is not None else event.address


def address_of(event: LocalEvent) -> str:
    """Return the address, "" if it is secret or not known."""
    if event.place is None:
        return event.address
    return "" if event.place.address_hidden else event.place.address


def words_of_place(event: LocalEvent) -> str:
    """Return name and address in one line."""
    return ", ".join(dict.fromkeys(words for words in (name_of_place(event), address_of(event)) if words))
