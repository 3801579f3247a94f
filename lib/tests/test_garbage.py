import gc

from lib import garbage


def test_what_is_created_meanwhile_is_left_out_of_collections() -> None:
    frozen_before = gc.get_freeze_count()
    with garbage.frozen():
        assert not gc.isenabled()
        created = [[] for _ in range(100)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen_before + len(created)
