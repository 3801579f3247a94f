"""Texts that are dear to make and asked for again, in the memory of a process."""

import threading
from collections import OrderedDict
from collections.abc import Hashable


class RecentTexts:
    """The texts that were used last, `most_characters` of them together at most; shared by the threads of a process."""

    def __init__(self, most_characters: int) -> None:
        self._most = self._room = most_characters
        self._texts: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> str | None:
        """Return the text of that key; None if it is not here (any more)."""
        with self._lock:
            if key not in self._texts:
                return None
            self._texts.move_to_end(key)
            return self._texts[key]

    def keep(self, key: Hashable, text: str) -> None:
        """Keep the text of that key, in place of those that were not used for the longest time.

        One that is longer than all may be together is not kept, and drives out nothing.
        """
        if len(text) > self._most:
            return
        with self._lock:
            self._room += len(self._texts.pop(key, ""))
            self._texts[key] = text
            self._room -= len(text)
            while self._room < 0:
                _, oldest = self._texts.popitem(last=False)
                self._room += len(oldest)
