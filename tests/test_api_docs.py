"""docs/api.md names every operation with its scope, and no other."""

import re

from imagesinbulk.api import reference
from tests.processes import ROOT

ROW = re.compile(r"^\| `(\w+) (/\S+)` \| `([\w:]+)` \|", re.MULTILINE)


def test_every_operation_is_named_with_its_scope() -> None:
    operations = [operation for group in reference.groups() for operation in group["operations"]]
    made = {(each["method"], each["path"].removeprefix("/api/v1"), *each["scopes"]) for each in operations}
    assert set(ROW.findall((ROOT / "docs/api.md").read_text())) == made
