"""MariaDB through Django's MySQL backend, with connections that threads leave to each other."""
