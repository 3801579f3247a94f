from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's, without rewriting scripts.

    The import map names the hashed file of each module. So modules may import each other, and packages may lack the
    source maps that they name.
    """

    patterns = tuple(pattern for pattern in CompressedManifestStaticFilesStorage.patterns if pattern[0] != "*.js")
