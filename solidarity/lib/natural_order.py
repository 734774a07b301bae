"""Natural order of names in Python. In the database, the collation of Territory.name and Territory.path gives the same
order."""

import re


def natural(name: str) -> list[tuple[int, str]]:
    """Return a sort key for names that puts 2 before 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in re.findall(r"\d+|\D+", name)]
