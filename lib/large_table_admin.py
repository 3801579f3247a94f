"""Admin lists of tables with millions of rows: without full counts, sorting, and searches of all texts."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext

from lib.utc_days import within

#: More rows are not counted, and not paged through.
MOST_ROWS = 10_000


class LimitedPaginator(Paginator):
    """Counts one row more than it shows, so that a list can say that there are more."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[: MOST_ROWS + 1].count())

    @property
    def has_more(self) -> bool:
        return self.count > MOST_ROWS


class LargeTableAdmin(admin.ModelAdmin):
    """Each word of a search is an id, the start of an email address or a day such as 2026-11-29, and these use indexes.

    Other words are text, which is only searched if one of those, or the filter on a batch, narrows the list.
    """

    paginator = LimitedPaginator
    change_list_template = "admin/large_table.html"
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    # With joins MariaDB would sort the whole table for one page of it.
    list_select_related = ()
    list_prefetch_related: ClassVar[tuple[str, ...]] = ()
    #: The path to the customer.
    owner = "user"
    uuid_lookup = ""
    #: By the beginning of the id.
    id_lookups: ClassVar[dict[str, str]] = {}
    day_lookup = "created_at"
    text_lookups: ClassVar[tuple[str, ...]] = ()
    searches_all_texts = False

    @property
    def _links(self) -> tuple[str, str]:
        return (f"{self.owner}__id__exact", "batch__id__exact")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in self._links or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related(*self.list_prefetch_related)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        texts = []
        is_narrow = self.searches_all_texts or any(name in request.GET for name in self._links)
        for word in search_term.split():
            if (found := self.indexed(word)) is None:
                texts.append(word)
            else:
                queryset, is_narrow = queryset.filter(found), True
        if texts and self.text_lookups and not is_narrow:
            text = gettext("Add a batch id, an email address or a day such as 2026-11-29 to search for text.")
            messages.warning(request, text)
            return queryset.none(), False
        for word in texts:
            queryset = queryset.filter(Q(*((lookup, word) for lookup in self.text_lookups), _connector=Q.OR))
        return queryset, False

    def indexed(self, word: str) -> Q | None:
        """Return the condition for a word that an index finds, None for text."""
        if "@" in word:
            return Q(**{f"{self.owner}__email__startswith": word.lower()})
        if day := as_day(word):
            return within(self.day_lookup, day)
        if (number := as_uuid(word)) and self.uuid_lookup:
            return Q(**{self.uuid_lookup: number})
        lookup = next((lookup for prefix, lookup in self.id_lookups.items() if word.startswith(prefix)), None)
        return Q(**{lookup: word}) if lookup else None


def as_day(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def as_uuid(word: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(word)
    except ValueError:
        return None
