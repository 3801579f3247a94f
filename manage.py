#!/usr/bin/env python
"""Django's command line for images-in-bulk."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured

from lib import memory

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagesinbulk.settings")
    try:
        with memory.excluded_from_garbage_collection():
            django.setup()
            from django.core.management import execute_from_command_line
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"The settings are wrong: {error}")
