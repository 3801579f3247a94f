"""`make schema`: write `deploy/mariadb/schema.sql` anew, on a MariaDB that ends with it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.databases import mariadb, missing
from tests.processes import ROOT

FILE = ROOT / "deploy/mariadb/schema.sql"


def main() -> int:
    """Write the file; return 1 where MariaDB is missing."""
    if reason := missing("mariadb"):
        print(reason)
        return 1
    with (
        tempfile.TemporaryDirectory(prefix="iib-", ignore_cleanup_errors=True) as directory,
        mariadb(Path(directory)) as server,
    ):
        environment = {**os.environ, "DATABASE_URL": server.create("iib"), "VAR_DIR": directory}
        command = [sys.executable, "manage.py", "export_schema", "--output", str(FILE)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
