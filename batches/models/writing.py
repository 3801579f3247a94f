from django.conf import settings
from django.db import models


class WritingUse(models.Model):
    """One row for each customer who has asked for suggestions; it counts those of `day` (UTC)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.count} on {self.day}"
