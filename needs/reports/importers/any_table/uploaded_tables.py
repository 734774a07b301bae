"""Reading an uploaded table: a process with limited memory and time converts it into a plain table."""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.reports.importers.table_reader import Table

TIMEOUT_S = 300
PROBLEMS: dict[str, str | Promise] = {
    "format": _("This kind of file cannot be read. Save it as CSV, XLSX, ODS or GeoJSON and upload it again."),
    "broken": _("The file is damaged or incomplete. Open it in your program, save it again and upload the new file."),
    "bomb": _("The file unpacks to far more than its size. Save it as CSV and upload it again."),
    "large": _("The table is too large to be read. Save it as CSV, or split it into several files."),
    "rows": _("The table has more than 1,000,000 rows. Split it into several files."),
    "columns": _("The table has more than 200 columns. Delete those that you do not need."),
    "empty": _("The table has no rows below the column names. Check that the right sheet is the first one."),
    "guide": _(
        "This is none of the guides that can be read: HSDS, data·inclusion, Soliguide, an OpenStreetMap extract (.pbf), "
        "the fountains or toilets of Paris, or an export of Solidarity."
    ),
    "no_places": _("The file has no place of a kind that the guide lists."),
    "osmium": _("The program osmium is missing on the server. Ask who runs it to install osmium-tool."),
    "crs": _("The coordinates are not in degrees (WGS 84). Export the layer as GeoJSON in EPSG:4326."),
}


class TableRefused(ValueError):
    """The uploaded table is refused. problem: a key of PROBLEMS."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem if problem in PROBLEMS else "broken"


@dataclass(frozen=True, slots=True)
class Converted:
    """Facts about a converted table. encoding, separator: "" for workbooks."""

    columns: tuple[str, ...]
    rows: int
    encoding: str
    separator: str


def convert(source: Path, target: Path, encoding: str = "", separator: str = "") -> Converted:
    """Write a table of any accepted format as plain CSV. Raises TableRefused."""
    program = settings.ROOT / "needs" / "reports" / "importers" / "any_table" / "table_converter.py"
    said = run_limited(program, [encoding, separator], source, target)
    return Converted(tuple(said["columns"]), said["rows"], said["encoding"], said["separator"])


def run_limited(program: Path, arguments: list[str], source: Path, target: Path) -> dict[str, Any]:
    """Run a program that reads a file and writes another, without settings or secrets; return the object that it
    reports. Raises TableRefused with the program's problem, or if the program ends without a report.
    """
    command = [sys.executable, "-I", str(program), *arguments]
    with source.open("rb") as given, target.open("wb") as out:
        try:
            done = subprocess.run(  # noqa: S603
                command,
                stdin=given,
                stdout=out,
                stderr=subprocess.PIPE,
                timeout=TIMEOUT_S,
                check=False,
                env={},
                cwd="/",
            )
        except subprocess.TimeoutExpired:
            raise TableRefused("large") from None
    try:
        said = json.loads(done.stderr.splitlines()[-1])
    except (ValueError, IndexError):
        raise TableRefused("large" if done.returncode < 0 else "broken") from None
    if done.returncode != 0 or "problem" in said:
        raise TableRefused(str(said.get("problem", "broken")))
    return dict(said)


def plain_table(path: Path, columns: tuple[str, ...]) -> Table:
    """Return the plain table that ``convert`` made."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return Table(path, "utf-8", ",", columns, digest.hexdigest())
