"""Template tags for JavaScript modules and their import map.

The map contains the two packages and each module's file with a hash in its name, so that sources import
`../site/image-store.js` and `idb` without a bundler (docs/decisions/0005).
"""

import json
from functools import cache

from django import template
from django.conf import settings
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

PACKAGES = {"client-zip": "vendor/client-zip/index.js", "idb": "vendor/idb/index.js"}
OWN_STATIC = settings.BASE_DIR / "static"


@cache
def map_as_json() -> SafeString:
    imports = {name: static(path) for name, path in PACKAGES.items()}
    for file in sorted((OWN_STATIC / "js").rglob("*.js")):
        path = file.relative_to(OWN_STATIC).as_posix()
        imports[settings.STATIC_URL + path] = static(path)
    # Only our own paths; "<" is escaped so that no file name can close the script element.
    return mark_safe(json.dumps({"imports": imports}).replace("<", "\\u003c"))


@register.simple_tag(takes_context=True)
def import_map(context: Context) -> SafeString:
    return format_html('<script type="importmap" nonce="{}">{}</script>', context["CSP_NONCE"], map_as_json())


@register.simple_tag(takes_context=True)
def module(context: Context, path: str) -> SafeString:
    """Return the script element for the module at `path` below `static/`."""
    return format_html('<script type="module" src="{}" nonce="{}"></script>', static(path), context["CSP_NONCE"])
