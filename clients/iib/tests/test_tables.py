"""Answers of the site as text for people."""

from iib import tables

MODEL = {
    "code": "flare", "label": "Flare", "hint": "Fast", "formats": ["png", "jpg"], "sizes": {"1:1": "8x8"},
    "qualities": [{"quality": "low", "credits": 1}, {"quality": "high", "credits": 8}], "retires_on": None,
}  # fmt: skip


def test_models_are_shown_with_their_prices() -> None:
    assert tables.as_text({"models": [MODEL]}).splitlines() == [
        "code   label  formats   qualities",
        "flare  Flare  png, jpg  low 1, high 8",
    ]


def test_plain_values_come_before_lists() -> None:
    answer = {"items": [{"id": "b1", "status": "finished", "total": 2}], "count": 1}
    assert tables.as_text(answer).splitlines() == ["count: 1", "id  status    total", "b1  finished  2"]


def test_nothing_from_the_network_steers_the_terminal() -> None:
    assert "\x1b" not in tables.as_text({"title": "\x1b[2Jcats"})
