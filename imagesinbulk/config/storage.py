"""Where images are stored until browsers have them: a folder, or a bucket of S3-compatible storage."""

from typing import Any


def image_storage(bucket: str, **options: str) -> dict[str, Any]:
    """Return Django's setting for `MEDIA_ROOT`, or for `bucket` if it is not empty."""
    if not bucket:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    # Without keys boto3 looks for those of the machine.
    given = {name: value for name, value in options.items() if value}
    return {"BACKEND": "imagesinbulk.backends.storage.SharedStorage", "OPTIONS": {"bucket_name": bucket, **given}}
