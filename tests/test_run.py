"""`make test` runs each test in one of its stages."""

import pytest

from tests import source
from tests.processes import ROOT
from tests.run import BROWSER_PATHS, ENGINE_PATHS


@pytest.mark.parametrize(("marker", "paths"), [("engine", ENGINE_PATHS), ("browser", BROWSER_PATHS)])
def test_each_test_with_a_marker_is_where_its_stage_looks(marker: str, paths: tuple[str, ...]) -> None:
    marked = [path for path in source.files_of_tests() if f"pytest.mark.{marker}" in (ROOT / path).read_text()]
    assert marked
    assert [path for path in marked if not any(path.is_relative_to(folder) for folder in paths)] == []
