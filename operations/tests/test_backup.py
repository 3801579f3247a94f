from pathlib import Path

import pytest

from operations import backup


def test_a_backup_that_another_process_writes_is_left_alone(tmp_path: Path) -> None:
    unfinished = tmp_path / ".backup.sqlite3"
    unfinished.write_bytes(b"half")
    with pytest.raises(FileExistsError):
        backup.save(tmp_path / "backup.sqlite3")
    assert unfinished.read_bytes() == b"half"
