"""Numbers as the interface writes them."""

from django.utils.formats import number_format


def plain(number: float) -> str:
    """A number with at most two decimals, none of them needless, in the reader's notation."""
    short = round(number, 2)
    text = f"{short:.2f}".rstrip("0").rstrip(".")
    return number_format(short, decimal_pos=len(text.partition(".")[2]), force_grouping=True)


def digits(value: float, decimals: int = 6) -> str:
    """A number without needless decimals or thousands separators, as it can be typed into a field."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return number_format(float(text), decimal_pos=len(text.partition(".")[2]), use_l10n=True, force_grouping=False)
