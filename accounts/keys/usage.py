from datetime import UTC, datetime

from django.db.models import F

from accounts.models import ApiKey, KeyUsageDay


def count(key: ApiKey) -> None:
    on = datetime.now(UTC).date()
    day = KeyUsageDay.objects.filter(key=key, on=on)
    if not day.update(requests=F("requests") + 1):
        # The day's first request. If there are two at once, one inserts the row and both count in it.
        KeyUsageDay.objects.get_or_create(key=key, on=on)
        day.update(requests=F("requests") + 1)
