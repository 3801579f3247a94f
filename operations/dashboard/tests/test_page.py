"""The dashboard's page and its CSV."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from operations.dashboard.forms import MOST_DAYS
from operations.dashboard.report import Report
from operations.models import DailyFigure, Figure
from tests.cast import SignedIn, make_person
from tests.counting import count_page_queries

pytestmark = pytest.mark.any_database

PAGE = "/admin/dashboard/"
TODAY = timezone.now().date()


def write(name: Figure, value: float, label: str = "", days_ago: int = 0) -> None:
    DailyFigure.objects.create(day=TODAY - timedelta(days=days_ago), name=name, label=label, value=value)


@pytest.fixture
def figures(db: None) -> None:
    """Figures of three days, of which the first has the most subscribers."""
    for days_ago, subscribers in ((2, 40), (1, 39), (0, 38)):
        write(Figure.SUBSCRIBERS, subscribers, days_ago=days_ago)
        write(Figure.IMAGES, 1000, "flare", days_ago)
        write(Figure.CREDITS, 2000, "flare", days_ago)
        write(Figure.COST_CENTS, 1500, "flare", days_ago)
        write(Figure.REVENUE_CENTS, 4000, "flare", days_ago)
        write(Figure.SECONDS, 12000, "flare", days_ago)
    write(Figure.IMAGES, 10, "=cmd()", 1)
    write(Figure.ENDED_SUBSCRIPTIONS, 2, days_ago=1)
    write(Figure.FAILURES, 3, "refused")
    write(Figure.MRR_CENTS, 19_050)
    write(Figure.STORAGE_BYTES, 3 * 2**30)


def report() -> Report:
    return Report([TODAY - timedelta(days=back) for back in (2, 1, 0)])


def summary(name: Figure) -> str:
    return next(chart.summary for section in report().sections() for chart in section.charts if chart.name == name)


def test_counts_are_summed_and_samples_are_not(figures: None) -> None:
    assert summary(Figure.IMAGES) == "3,010"
    assert summary(Figure.SUBSCRIBERS) == "38"
    assert summary(Figure.MRR_CENTS) == "$190.50"
    assert summary(Figure.STORAGE_BYTES) == "3.0\xa0GB"


def test_cost_and_revenue_by_model(figures: None) -> None:
    row = report().models()[0]
    assert (row.code, row.images, row.cost, row.revenue, row.margin) == ("flare", 3000, "$45", "$120", "$75")
    assert row.seconds_per_image == 12


def test_churn_is_a_share_of_the_first_days_subscribers(figures: None) -> None:
    assert report().churn_percent() == 5.0


@pytest.mark.django_db
def test_without_subscribers_there_is_no_churn() -> None:
    assert report().churn_percent() is None


def test_every_chart_has_its_table(olgas: Client, figures: None) -> None:
    text = olgas.get(PAGE).content.decode()
    chart_count = text.count("<figure")
    assert chart_count == text.count("<details>") == 23
    assert text.count("<rect") == 2 * 30 * chart_count
    assert "Churn: 5.0 %" in text
    assert "style=" not in text


def test_the_page_reads_no_prompts(olgas: Client, figures: None) -> None:
    few = count_page_queries(olgas, PAGE)
    for days_ago in range(3, 30):
        write(Figure.IMAGES, 1, "flare", days_ago)
    assert count_page_queries(olgas, PAGE) == few


@pytest.mark.parametrize(
    ("start", "end", "is_valid"),
    [
        (TODAY, TODAY, True),
        (TODAY, TODAY - timedelta(days=1), False),
        (TODAY - timedelta(days=MOST_DAYS - 1), TODAY, True),
        (TODAY - timedelta(days=MOST_DAYS), TODAY, False),
        ("yesterday", TODAY, False),
    ],
)
def test_the_range_is_checked(olgas: Client, start: date | str, end: date, is_valid: bool) -> None:
    response = olgas.get(PAGE, {"start": start, "end": end})
    assert response.status_code == 200
    assert (response.context["report"] is not None) == is_valid
    assert ("errorlist" in response.content.decode()) != is_valid


def test_the_csv_has_every_figure_and_no_formula(olgas: Client, figures: None) -> None:
    response = olgas.get(PAGE, {"format": "csv", "start": TODAY - timedelta(days=1)})
    assert response["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(response.content.decode())))
    assert rows[0] == ["day", "figure", "of", "value"]
    assert [str(TODAY - timedelta(days=1)), "images", "'=cmd()", "10"] in rows
    assert [str(TODAY), "mrr_cents", "", "19050"] in rows
    assert all(re.fullmatch(r"[\d.]+", row[3]) for row in rows[1:])


def test_days_without_figures_say_how_to_get_them(olgas: Client) -> None:
    assert "write_daily_figures" in olgas.get(PAGE).content.decode()


def test_only_who_may_see_it_sees_it_and_its_link(signed_in: SignedIn, olga: User, db: None) -> None:
    junior = signed_in(make_person("Junior", is_staff=True))
    assert junior.get(PAGE).status_code == 403
    assert PAGE not in junior.get("/admin/").content.decode()
    assert PAGE in signed_in(olga).get("/admin/").content.decode()
