"""Columns of texts, compared with Python's own formats."""

import uuid

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from solidarity.lib import grid
from solidarity.lib.files import text_columns
from solidarity.lib.files.text_columns import Lines, Texts


def _lines(column: text_columns.Column) -> list[str]:
    return Lines().joined([column, b"\n"], len(column)).decode().split("\n")[:-1]


@given(st.lists(st.uuids(), min_size=1))
def test_uuids_are_written_as_usual(keys: list[uuid.UUID]) -> None:
    raw = np.frombuffer(b"".join(key.bytes for key in keys), dtype="V16")
    assert _lines(text_columns.uuids(raw)) == [str(key) for key in keys]


@given(st.lists(st.integers(0, 2**59 - 1), min_size=1))
def test_cells_are_written_as_h3_writes_them(bits: list[int]) -> None:
    cells = [1 << 59 | each for each in bits]
    assert _lines(text_columns.cells(np.array(cells))) == [grid.to_text(cell) for cell in cells]


def test_lines_of_many_parts_keep_the_texts_of_each_row() -> None:
    lines = Lines()
    for rows, size in ((3, 2), (5, 2), (1, 2), (4, 7)):
        column = np.array([b"x" * (1 + row % size) for row in range(rows)])
        expected = "".join(f"<{text.decode()}>" for text in column)
        assert lines.joined([b"<", column, b">"], rows).decode() == expected
    assert lines.joined([b"(", np.array([b"a"]), b")"], 1) == b"(a)"


@given(st.lists(st.integers(-180_000_000, 180_000_000), min_size=1))
def test_degrees_have_six_decimals(millionths: list[int]) -> None:
    texts = _lines(text_columns.degrees(np.array(millionths) / 1e6))
    assert texts == [f"{each / 1e6:.6f}" for each in millionths]
    assert _lines(text_columns.degrees(np.array([-0.5]), ",")) == ["-0,500000"]


@given(st.lists(st.integers(-1, 1 << 40) | st.integers(-1, 20), min_size=1), st.integers(1, 5))
def test_each_number_gets_its_text(numbers: list[int], steps: int) -> None:
    texts = Texts(lambda number: f"<{number}>", -1)
    for part in np.array_split(np.array(numbers), steps):
        if len(part):
            assert _lines(texts.of(part)) == [f"<{number}>" for number in part.tolist()]


def test_small_numbers_become_text_once() -> None:
    asked: list[int] = []

    def text(number: int) -> str:
        asked.append(number)
        return str(number)

    texts = Texts(text)
    for _time in range(3):
        texts.of(np.array([3, 1, 3, 7]))
    assert asked == [1, 3, 7]


@given(st.lists(st.tuples(st.text(st.characters(exclude_characters="\x00\n", exclude_categories=["Cs"])), st.integers(0, 9)),
                min_size=1))  # fmt: skip
def test_joined_rows_have_their_texts_in_order(rows: list[tuple[str, int]]) -> None:
    names = np.array([name.encode() for name, _number in rows])
    digits = np.array([str(number).encode() for _name, number in rows])
    expected = "".join(f"<{name}|{number}>\n" for name, number in rows)
    assert Lines().joined([b"<", names, b"|", digits, b">\n"], len(rows)).decode() == expected
