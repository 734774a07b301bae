"""Query results in blocks of binary COPY, compared with the same query in the usual way."""

from typing import Any

import pytest
from django.db import connection
from numpy.typing import NDArray

from solidarity.lib.database import binary_copy
from solidarity.lib.database.binary_copy import TextOf

_FIELDS = [("id", "V16"), ("number", ">i8")]
_ROWS = (
    "SELECT ('00000010-0008-000b-0000-' || lpad(to_hex(i), 12, '0'))::uuid AS id, (i % 7 + 11)::bigint AS number, "
    "CASE WHEN i % 3 > 0 THEN repeat(chr(11), i % 5) || i || 'é' WHEN i % 2 = 0 THEN '' END AS text "
    "FROM generate_series(1, {rows}) i"
)  # the start of a row is also in ids and texts


def _read(query: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []

    def take(records: NDArray[Any], text_of: TextOf) -> None:
        found.extend(
            (bytes(key).hex(), int(number), text_of(row))
            for row, (key, number) in enumerate(zip(records["id"], records["number"], strict=True))
        )

    binary_copy.in_blocks(query, _FIELDS, take, text=True)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("block", [100, 1000, 1 << 18])
@pytest.mark.parametrize("rows", [0, 1, 2, 500])
def test_rows_in_blocks_are_those_of_the_query(monkeypatch: pytest.MonkeyPatch, block: int, rows: int) -> None:
    monkeypatch.setattr(binary_copy, "BLOCK", block)
    query = _ROWS.replace("{rows}", str(rows))
    with connection.cursor() as cursor:
        cursor.execute(query)
        expected = [(key.hex, *rest) for key, *rest in cursor.fetchall()]
    assert _read(query) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("block", [100, 1 << 18])
def test_an_id_that_looks_like_the_start_of_a_row_stops_no_export(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """A client chooses the ids of its reports: here they hold the number of columns and the length of an id."""
    monkeypatch.setattr(binary_copy, "BLOCK", block)
    query = (
        "SELECT ('00000000-0000-0004-0000-0010' || lpad(to_hex(i), 8, '0'))::uuid, i::bigint, 'eight' || 100 + i "
        "FROM generate_series(1, 200) i"
    )
    assert _read(query) == [
        (f"000000000000000400000010{each:08x}", each, f"eight{100 + each}") for each in range(1, 201)
    ]


@pytest.mark.django_db
def test_a_null_number_is_refused() -> None:
    with pytest.raises(ValueError, match="null"):
        _read("SELECT gen_random_uuid(), NULL::bigint, 'a' FROM generate_series(1, 9)")


@pytest.mark.django_db
@pytest.mark.parametrize("block", [100, 1000, 1 << 18])
@pytest.mark.parametrize("every", [1, 2, 40, 1000])
def test_rows_without_texts_are_read_among_rows_with_texts(
    monkeypatch: pytest.MonkeyPatch, block: int, every: int
) -> None:
    """Most rows of an export have no texts, because their texts are known."""
    monkeypatch.setattr(binary_copy, "BLOCK", block)
    query = (
        "SELECT ('00000000-0000-0000-0000-' || lpad(to_hex(i), 12, '0'))::uuid, i::bigint, "
        f"CASE WHEN i % {every} = 0 THEN 'text ' || i END "
        "FROM generate_series(1, 300) i"
    )
    assert _read(query) == [(f"{each:032x}", each, None if each % every else f"text {each}") for each in range(1, 301)]


@pytest.mark.django_db
def test_rows_of_many_blocks_are_handed_over_in_parts() -> None:
    sizes: list[int] = []

    def take(records: NDArray[Any], text_of: TextOf) -> None:
        assert text_of(len(records) - 1) == str(int(records["number"][-1]))
        sizes.append(len(records))

    query = "SELECT gen_random_uuid(), i::bigint, i::text FROM generate_series(1, 20000) i"
    binary_copy.in_blocks(query, _FIELDS, take, text=True)
    assert sum(sizes) == 20_000
    assert len(sizes) > 2
