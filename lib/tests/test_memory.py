import gc

from lib import memory


def test_objects_created_in_the_block_are_excluded_from_collections() -> None:
    frozen_before = gc.get_freeze_count()
    with memory.excluded_from_garbage_collection():
        assert not gc.isenabled()
        created = [[] for _ in range(100)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen_before + len(created)
