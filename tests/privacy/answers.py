"""Parts of a response that an attacker compares: status, headers, body, and traces of a place or a person."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import h3.api.basic_int as h3
from django.test import Client

OF_THE_MOMENT = {"Content-Length", "Expires"}  # the body contains the requested ids, so its length differs


def bytes_of(client: Client, method: str, address: str, said: Sequence[str] = (), **headers: str) -> tuple[int, str]:
    """Return status, and headers and body as text, without the requested ids and the random secrets of each page."""
    client.cookies.pop("messages", None)  # what an earlier page left for the next one
    answer: Any = client.generic(method, address, b"", content_type="application/json", headers=headers)
    body = answer.getvalue() if answer.streaming else answer.content
    kept = "\n".join(sorted(f"{name}: {value}" for name, value in answer.headers.items() if name not in OF_THE_MOMENT))
    text = kept + "\n\n" + body.decode("latin-1" if "mapbox" in answer.get("Content-Type", "") else "utf-8", "replace")
    for one in sorted(said, key=len, reverse=True):
        text = text.replace(one, "ID") if len(one) > 8 else re.sub(rf"(/|%2F){re.escape(one)}(?=/|%2F)", r"\1ID", text)
    text = re.sub(r'(csrfmiddlewaretoken" value|csrfToken"|nonce|X-CSRFToken"):?="?[^">]+', r"\1", text)
    return answer.status_code, re.sub(r'"X-CSRFToken": "[^"]+"', "", text)


_HEX = re.compile(r"(?<![0-9a-f])8[0-9a-f]{14}(?![0-9a-f])")
_DECIMAL = re.compile(r"(?<![\d.])[56]\d{17}(?![\d.])")
_OTHER_LIST = re.compile(r"\].*\[", re.DOTALL)
"""Text between numbers of two lists, such as two corners of an outline, or its last corner and the centre after it."""
_FAR_APART = 120
"""Characters between two numbers that do not belong together."""
_NUMBER = re.compile(r"-?\d{1,3}\.\d{3,}")


def cells_in(text: str) -> dict[int, int]:
    """Return the H3 cells in a text, in either notation, and their resolutions."""
    found = {int(each, 16) for each in _HEX.findall(text)} | {int(each) for each in _DECIMAL.findall(text)}
    return {cell: h3.get_resolution(cell) for cell in found if h3.is_valid_cell(cell)}


def _on_the_grid(lat: float, lng: float) -> bool:
    """Return whether a point is the centre or a corner of a cell that may be shown. Pages may contain such points."""
    cells = [h3.latlng_to_cell(lat, lng, resolution) for resolution in (7, 8, 9)]
    shown = [place for cell in cells for place in (h3.cell_to_latlng(cell), *h3.cell_to_boundary(cell))]
    return any(abs(lat - north) < 2e-4 and abs(lng - east) < 2e-4 for north, east in shown)


class Points:
    """Exact points that only their owners may learn: (latitude, longitude) in degrees."""

    def __init__(self, points: Iterable[tuple[float, float]]) -> None:
        self.known = {(round(lat, 4), round(lng, 4)) for lat, lng in points if not _on_the_grid(lat, lng)}

    def found_in(self, text: str) -> set[tuple[float, float]]:
        """Return the points that occur in a text as two adjacent numbers, in either order, to about ten metres."""
        numbers = [(round(float(each[0]), 4), each.span()) for each in _NUMBER.finditer(text)]
        near = [
            (first, second)
            for (first, (_start, end)), (second, (start, _end)) in zip(numbers, numbers[1:], strict=False)
            if start - end <= _FAR_APART and not _OTHER_LIST.search(text[end:start])
        ]
        pairs = {*near, *((second, first) for first, second in near)}
        return pairs & self.known


def marks_in(text: str, marks: Collection[str]) -> list[str]:
    """Return the words that occur in a text."""
    return [mark for mark in marks if mark in text]
