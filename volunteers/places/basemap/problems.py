"""Reasons why a street map could not be installed; the sentences name the cause and say what to do."""

from collections import defaultdict
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Problem(TextChoices):
    """Reasons. A label takes its values from the details of a StreetMapError."""

    UNREACHABLE = "unreachable", _("%(host)s cannot be reached. Check the network, then try again.")
    BROKEN_OFF = "broken_off", _("The connection to %(host)s broke off. Try again: the download continues at %(done)s.")
    NOT_FOUND = "not_found", _("%(host)s answers %(status)s for %(name)s. Check the address.")
    NO_RANGES = "no_ranges", _("%(host)s sends only whole files. Download %(name)s, then name the file.")
    CHANGED = "changed", _("%(name)s was replaced while it was read. Try again.")
    NO_BUILD = "no_build", _("%(host)s lists no build of the street map. Name one in BASEMAP_BUILDS.")
    WRONG_FILE = "wrong_file", _("%(name)s is no PMTiles archive of vector tiles.")
    WRONG_SCHEMA = (
        "wrong_schema",
        _("%(name)s does not follow the Protomaps schema: it has no layer of roads with kinds."),
    )
    DAMAGED = "damaged", _("%(name)s is damaged or was made to do harm. It is not installed.")
    OUTSIDE = "outside", _("%(name)s holds no tiles of this area.")
    TOO_LARGE = "too_large", _("The area is too large. Choose a smaller one, of at most %(most)s tiles.")
    NO_SPACE = "no_space", _("The disk has %(free)s free; the street map needs %(needed)s.")
    NO_PROGRAM = "no_program", _("The program %(name)s is missing; install osmium-tool and tippecanoe.")
    PROGRAM_FAILED = "program_failed", _("%(name)s failed: %(what)s")
    EMPTY = "empty", _("%(name)s holds no roads.")
    BUSY = "busy", _("A street map is being installed already. Wait until it has finished.")
    INTERRUPTED = "interrupted", _("The installation was interrupted. Start it again: the download continues.")
    NO_WORKER = "no_worker", _("No worker has started the installation. Check that the worker runs, then try again.")
    FAILED = "failed", _("The street map could not be installed. The worker's log names the error.")
    NO_ADDRESSES = (
        "no_addresses",
        _(
            "%(name)s is no national address file: the column %(column)s is missing in line 1. "
            "Use a file from the folder csv, for example adresses-75.csv.gz."
        ),
    )
    ADDRESSES_CUT = "addresses_cut", _("%(name)s cannot be read to its end. Download it again.")
    NO_USABLE_ROW = "no_usable_row", _("%(name)s has no usable row. Download it again.")
    ADDRESSES_BUSY = "addresses_busy", _("Addresses are being installed already. Wait until this has finished.")
    ADDRESSES_FAILED = "addresses_failed", _("The addresses could not be installed. The worker's log names the error.")


class StreetMapError(Exception):
    """A street map or a list of addresses that could not be installed. What was installed before stays.

    details: the values in the problem's words. In addition, ``what`` can name the cause in English, for the command.
    """

    def __init__(self, problem: Problem, **details: Any) -> None:
        super().__init__(problem, details)
        self.problem = problem
        self.details = {name: str(value) for name, value in details.items()}

    def __str__(self) -> str:
        return str(Problem(self.problem).label) % defaultdict(str, self.details)


def size_words(count: int) -> str:
    """Return a number of bytes in MB, the same in each language."""
    return f"{count / 1e6:.1f} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"
