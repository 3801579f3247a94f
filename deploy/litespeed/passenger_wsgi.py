"""For LiteSpeed under cPanel or CloudLinux, which look for this name: copy it next to manage.py."""

from imagesinbulk.wsgi import application

__all__ = ["application"]
