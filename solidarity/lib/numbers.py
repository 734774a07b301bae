"""Numbers as the interface shows them."""

from django.utils.formats import number_format


def plain(number: float) -> str:
    """Format a number in the reader's notation with at most two decimals and no trailing zeros."""
    short = round(number, 2)
    text = f"{short:.2f}".rstrip("0").rstrip(".")
    return number_format(short, decimal_pos=len(text.partition(".")[2]), force_grouping=True)


def digits(value: float, decimals: int = 6) -> str:
    """Format a number for an input field: no trailing zeros, no thousands separators."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return number_format(float(text), decimal_pos=len(text.partition(".")[2]), use_l10n=True, force_grouping=False)
