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


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_of_all_countries_are_read(delimiter: str) -> None:
    assert read(f"prompt{delimiter}name\ncat{delimiter}a\n").prompts() == [{"prompt": "cat", "name": "a"}]


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


def test_a_manifest_is_a_list_again() -> None:
    header = "position,prompt,name,file,status,error,model,quality,ratio,width,height,credits"
    prompts = read(f"{header}\n1,'=cat,,cat.png,ready,,m,low,1:1,1,1,1\n").prompts()
    assert prompts == [{"prompt": "=cat", "model": "m", "quality": "low", "ratio": "1:1"}]


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
        ("", "no column prompt"),
        ("name\na\n", "no column prompt"),
        ("prompt,colour\ncat,red\n", "colour"),
        ("prompt,prompt\ncat,dog\n", "twice"),
        ("prompt\n\n", "no prompts"),
        ("x" * 200_000, "no column prompt"),
    ],
)
def test_a_bad_csv_is_refused(text: str, fault: str) -> None:
    with pytest.raises(UsageFailure, match=fault):
        read(text)


def test_each_bad_row_is_named() -> None:
    with pytest.raises(UsageFailure) as failure:
        read("prompt,name\ncat,a,b\n,c\ndog,d\n")
    assert [detail[:7] for detail in failure.value.details] == ["Line 2:", "Line 3:"]


def test_an_empty_or_missing_txt_is_refused() -> None:
    with pytest.raises(UsageFailure, match="no prompts"):
        read("\n \n", "list.txt")
    with pytest.raises(UsageFailure, match="cannot be read"):
        lists.read("nowhere.txt")
