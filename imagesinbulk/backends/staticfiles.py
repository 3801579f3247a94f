"""How static files are stored: compressed, and named after their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names for style sheets and scripts.

    Scripts are not rewritten: the import map sends each module to its hashed file, so circular
    imports and code without semicolons work, and source maps that a package leaves out are not missed.
    """

    patterns = tuple(pattern for pattern in CompressedManifestStaticFilesStorage.patterns if pattern[0] != "*.js")
