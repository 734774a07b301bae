"""Labels of an association's items. A label contains only a random text, so that a label found in the street reveals
nothing.

Only a member of the association can do anything with a label, in the app.
"""

import secrets

from django.db import IntegrityError, transaction

from needs.models import Item
from volunteers.models import Association

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0, 1, I, L, O and U, which people confuse."""
LENGTH = 10
"""About 49 random bits."""


def make(association: Association) -> int:
    """Give a label to each item of an association that has no label; return the number of new labels."""
    rows = Item.objects.stock_of(association).filter(label=None)
    return sum(renew(item) for item in rows)


def renew(item: Item) -> bool:
    """Give an item a new label. The old one no longer works, for example if it was torn off or stuck to something else.
    Return False for an item without stock."""
    if item.association_id is None:
        return False
    while True:
        item.label = "".join(secrets.choice(ALPHABET) for _each in range(LENGTH))
        try:
            with transaction.atomic():
                item.save(update_fields=["label", "updated_at"])
        except IntegrityError:
            continue
        return True


def read(text: str) -> str:
    """Return a label in its stored form, without spaces and dashes, in capitals.

    The text comes from a camera or a keyboard. Return "" if it is not a label.
    """
    plain = "".join(letter for letter in text.upper() if letter.isalnum())
    return plain if len(plain) == LENGTH and set(plain) <= set(ALPHABET) else ""


def grouped(label: str) -> str:
    """Return a label in groups, for people to read: “K7Q2 9MXW 4T”."""
    return " ".join(label[start : start + 4] for start in range(0, len(label), 4))
