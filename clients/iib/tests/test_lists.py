"""Lists as people have them."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from iib import lists
from iib.failures import UsageFailure


def read(content: bytes, name: str = "list.csv", **options: Any) -> Any:
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return lists.read(name, **options)


def test_txt_is_a_prompt_a_line() -> None:
    assert read("cat\r\n\n  dog, big \n", "list.txt").prompts() == ["cat", "dog, big"]


def test_csv_has_a_row_an_image() -> None:
    prompts = read('Prompt,name,ratio\ncat,a,16:9\n\n"dog, big",,\n').prompts()
    assert prompts == [{"prompt": "cat", "name": "a", "ratio": "16:9"}, "dog, big"]


def test_the_length_of_a_video_is_a_number() -> None:
    assert read("prompt,seconds\ncat,6\ndog,\n").prompts() == [{"prompt": "cat", "seconds": 6}, "dog"]
    with pytest.raises(UsageFailure) as refused:
        read("prompt,seconds\ncat,long\n")
    assert refused.value.details == ["Line 2: seconds is not a whole number."]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_of_all_countries_are_read(delimiter: str) -> None:
    assert read(f"prompt{delimiter}name\ncat{delimiter}a\n").prompts() == [{"prompt": "cat", "name": "a"}]


def test_a_txt_with_tabs_under_a_header_is_a_table() -> None:
    assert read("Name\tPrompt\na\tcat, big\n", "list.txt").prompts() == [{"name": "a", "prompt": "cat, big"}]


@pytest.mark.parametrize("text", ["cat\tbig\ndog\n", "prompt, name\ndog\n", "prompt\ndog\n"])
def test_a_txt_without_such_a_header_is_a_prompt_a_line(text: str) -> None:
    assert read(text, "list.txt").prompts() == text.splitlines()


@pytest.mark.parametrize("first", ["sep=;", "\ufeffsep=;", '"sep=;"', "SEP=;"])
@pytest.mark.parametrize("name", ["list.csv", "list.txt"])
def test_excels_first_line_names_the_delimiter(first: str, name: str) -> None:
    prompts = read(f"{first}\r\nprompt;name\r\ncat, big;a\r\n", name)
    assert (prompts.prompts(), prompts.lines) == ([{"prompt": "cat, big", "name": "a"}], [3])


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
@pytest.mark.parametrize("name", ["list.xlsx", "list.csv", "list.txt"])
def test_a_workbook_is_refused_with_what_to_do(start: bytes, name: str) -> None:
    with pytest.raises(UsageFailure, match=r"workbook .* Save its sheet as CSV"):
        read(start + b"\xff\x00", name)


@pytest.mark.parametrize("line", ["\u200b", "\ufeff", " \u200e\u2060 ", "\x00", "\u3000"])
def test_what_cannot_be_seen_is_no_prompt(line: str) -> None:
    assert read(f"cat\n{line}\ndog\n", "list.txt").lines == [1, 3]
    assert read(f"prompt,name\ncat,{line}\n{line},\n").prompts() == ["cat"]
    with pytest.raises(UsageFailure) as failure:
        read(f"prompt,name\n{line},a\n")
    assert failure.value.details == ["Line 2: the prompt is empty."]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_spreadsheets_of_all_systems_are_read(end: str) -> None:
    assert read(end.join(["prompt,name", "cat,a", "dog,b", ""])).lines == [2, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marked_encodings_are_recognised(encoding: str) -> None:
    assert read("prompt\ncafé\n".encode(encoding)).prompts() == ["café"]


def test_another_encoding_is_named() -> None:
    assert read("prompt\ncafé\n".encode("cp1252"), encoding="cp1252").prompts() == ["café"]
    with pytest.raises(UsageFailure, match="--encoding"):
        read("prompt\ncafé\n".encode("cp1252"))


def test_a_line_break_in_a_cell_does_not_move_the_line_numbers() -> None:
    assert read('prompt\n"cat\nblack"\ndog\n').lines == [2, 4]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_manifest_is_a_list_again(delimiter: str) -> None:
    header = "position,prompt,name,file,status,error,model,quality,ratio,width,height,credits"
    table = f"\ufeff{header}\n1,'=cat,,cat.png,ready,,m,low,1:1,1,1,1\n".replace(",", delimiter)
    assert read(table).prompts() == [{"prompt": "=cat", "model": "m", "quality": "low", "ratio": "1:1"}]


@pytest.mark.parametrize(
    ("text", "is_csv"),
    [("prompt,name\ncat,a\n", True), ("cat, big\ndog\n", False), ("cat, big\rdog\r", False)],
)
def test_a_pipe_is_read_as_what_it_looks_like(monkeypatch: pytest.MonkeyPatch, text: str, is_csv: bool) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert lists.read("-").rows[0] == ({"prompt": "cat", "name": "a"} if is_csv else {"prompt": "cat, big"})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no column “prompt”"),
        ("name\na\n", "no column “prompt”"),
        ("prompt,colour\ncat,red\n", "colour"),
        ("prompt,prompt\ncat,dog\n", "duplicate"),
        ("prompt\n\n", "no prompts"),
        ("x" * 200_000, "no column “prompt”"),
    ],
)
def test_a_bad_csv_is_refused(text: str, fault: str) -> None:
    with pytest.raises(UsageFailure, match=fault):
        read(text)


def test_each_bad_row_is_named() -> None:
    with pytest.raises(UsageFailure) as failure:
        read("prompt,name\ncat,a,b\n,c\ndog,d\n")
    assert [detail[:7] for detail in failure.value.details] == ["Line 2:", "Line 3:"]


def test_a_quotation_mark_that_is_left_open_in_the_header_is_named() -> None:
    with pytest.raises(UsageFailure) as failure:
        read('prompt,"name\ncat,a\n')
    assert failure.value.details == ["Line 1: unexpected end of data."]


def test_an_empty_or_missing_txt_is_refused() -> None:
    with pytest.raises(UsageFailure, match="no prompts"):
        read("\n \n", "list.txt")
    with pytest.raises(UsageFailure, match="cannot be read"):
        lists.read("nowhere.txt")


def test_the_versions_in_a_manifest_are_not_part_of_the_list() -> None:
    text = "position,prompt,status,version\n1,a cat,ready,1\n2,a red cat,ready,2\n3,a dog,failed,\n"
    assert [row["prompt"] for row in read(text, "manifest.csv").rows] == ["a cat", "a dog"]
