"""Protection against formula injection in CSV and XLSX files (docs/reliability.md).

A cell that starts with = + - @, tab or carriage return gets a leading apostrophe, in Python and in SQL alike.
"""

DANGEROUS = "=+-@\t\r"

_CODES = ", ".join(str(ord(sign)) for sign in sorted(DANGEROUS))


def neutral(text: str) -> str:
    """Return the text, with a leading apostrophe if a spreadsheet would run it as a formula."""
    return f"'{text}" if text[:1] and text[0] in DANGEROUS else text


def neutral_sql(expression: str, begins: str = "") -> str:
    """Return SQL that does the same as :func:`neutral`. begins: a cheaper expression, whose text has the same first
    character.

    Texts that start with a letter need only the first comparison, because all of DANGEROUS sorts before A.
    """
    looked_at = begins or expression
    dangerous = f"{looked_at} < 'A' COLLATE \"C\" AND ascii({looked_at}) IN ({_CODES})"
    return f"CASE WHEN {dangerous} THEN '''' || {expression} ELSE {expression} END"
