"""Text that a spreadsheet shows and does not run (reliability.md: "CSV and XLSX").

A cell that begins with = + - @ tab or carriage return gets an apostrophe in front, in Python and in SQL alike.
"""

DANGEROUS = "=+-@\t\r"

_CODES = ", ".join(str(ord(sign)) for sign in sorted(DANGEROUS))


def neutral(text: str) -> str:
    """The text of one cell, with an apostrophe before a beginning that a spreadsheet would run."""
    return f"'{text}" if text[:1] and text[0] in DANGEROUS else text


def neutral_sql(expression: str, begins: str = "") -> str:
    """The same in SQL. begins: an expression that begins as the text does, where it is cheaper to look at.

    One comparison settles it for texts that begin with a letter: all of DANGEROUS comes before A.
    """
    looked_at = begins or expression
    dangerous = f"{looked_at} < 'A' COLLATE \"C\" AND ascii({looked_at}) IN ({_CODES})"
    return f"CASE WHEN {dangerous} THEN '''' || {expression} ELSE {expression} END"
