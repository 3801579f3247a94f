import csv
import io
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batches.delivery.manifest import customers_delimiter
from batches.delivery.manifest import rows_to_csv as lines_of
from batches.lists.parsing import Lists, read_lists
from batches.lists.tables import MANIFEST_COLUMNS

#: The same texts each time, however long each takes.
REPEATABLE = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def rows_to_csv(rows: Any) -> str:
    return "".join(lines_of(rows))


def cells_of(text: str) -> list[list[str]]:
    """The cells as a spreadsheet reads them."""
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_the_first_line_names_the_columns() -> None:
    assert cells_of(rows_to_csv([])) == [list(MANIFEST_COLUMNS)]


def test_a_row_has_its_values_in_the_order_of_the_columns() -> None:
    row = {"position": 1, "prompt": "a cat", "file": "cat.png", "credits": 2, "width": None, "other": "x"}
    [_, cells] = cells_of(rows_to_csv([row]))
    assert dict(zip(MANIFEST_COLUMNS, cells, strict=True)) == {
        **dict.fromkeys(MANIFEST_COLUMNS, ""), "position": "1", "prompt": "a cat", "file": "cat.png", "credits": "2"
    }  # fmt: skip


def test_the_table_starts_with_the_mark_by_which_excel_knows_utf_8() -> None:
    assert rows_to_csv([]).startswith("\ufeffposition,")


def test_lines_end_as_the_standard_says() -> None:
    assert rows_to_csv([]).endswith("seconds\r\n")


def test_commas_quotes_and_line_ends_stay_inside_their_cell() -> None:
    prompt = 'a "red" cat,\nsitting'
    assert cells_of(rows_to_csv([{"prompt": prompt}]))[1][1] == prompt


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_is_run_as_a_formula(start: str) -> None:
    prompt = f"{start}HYPERLINK(1)"
    assert cells_of(rows_to_csv([{"prompt": prompt}]))[1][1] == f"'{prompt}"


@pytest.mark.parametrize(("language", "delimiter"), [("en", ","), ("es", ";")])
def test_cells_are_separated_as_the_customers_spreadsheets_do(language: str, delimiter: str) -> None:
    with translation.override(language):
        assert customers_delimiter() == delimiter
    assert "".join(lines_of([], delimiter)) == "\ufeff" + delimiter.join(MANIFEST_COLUMNS) + "\r\n"


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_pasted_manifest_is_a_list_again(delimiter: str) -> None:
    rows = [
        {"position": 1, "prompt": "=a; cat, big", "name": "cat"},
        {"position": 2, "prompt": '\'a "dog"', "name": ""},
        {"position": 3, "prompt": "a fox", "name": "-fox"},
    ]
    read = read_lists("".join(lines_of(rows, delimiter)))
    assert read == Lists([str(row["prompt"]) for row in rows], ["cat", "", "-fox"], has_unused_choices=True)


def test_numbers_are_no_formulas() -> None:
    assert cells_of(rows_to_csv([{"credits": -1}]))[1][MANIFEST_COLUMNS.index("credits")] == "-1"


@REPEATABLE
@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("'=-+\"\n\r,"), max_size=20))
def test_what_was_written_is_read_again(prompt: str) -> None:
    position, cell = cells_of(rows_to_csv([{"position": 1, "prompt": prompt}]))[1][:2]
    is_guarded = cell.startswith("'") and cell.lstrip("'")[:1] in tuple("=+-@\t\r\n＝＋－＠")
    assert (position, cell.removeprefix("'") if is_guarded else cell) == ("1", prompt)
