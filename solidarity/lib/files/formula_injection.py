"""Protection against formula injection in CSV and XLSX files (docs/reliability.md).

A cell that starts with = + - @, tab or carriage return gets a leading apostrophe.
"""

DANGEROUS = "=+-@\t\r"


def neutral(text: str) -> str:
    """Return the text, with a leading apostrophe if a spreadsheet would run it as a formula."""
    return f"'{text}" if text[:1] and text[0] in DANGEROUS else text
