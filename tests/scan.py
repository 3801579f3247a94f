"""`make scan`: wapiti looks for holes in a running site, as a visitor and as a signed-in customer.

python -m tests.scan WAPITI [--minutes 10]
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.servers import Stack, stack

EMAIL = "scanned@example.org"
#: Signing out would end the scan; the sandbox's pages are none of ours.
_LEFT_OUT = ("/accounts/logout/", "/account/close/", "/i18n/")
#: Without those that need a server outside, or look for other products.
_MODULES = "cookieflags,crlf,csp,exec,file,http_headers,permanentxss,redirect,sql,upload,xss"
#: Findings that are none, by category: reason.
EXPECTED = {"Secure Flag cookie": "the scanned site has no https"}


def findings(site: Stack, wapiti: str, minutes: float, *headers: str) -> Iterator[str]:
    """Scan the site with these request headers, and return what was found."""
    report = site.directory / "wapiti.json"
    excluded = [word for path in _LEFT_OUT for word in ("--exclude", f"{site.url}{path}*")]
    sent = [word for header in headers for word in ("--header", header)]
    limits = [
        "--max-scan-time",
        f"{60 * minutes:.0f}",
        "--max-attack-time",
        f"{6 * minutes:.0f}",
        "--module",
        _MODULES,
        "--max-links-per-page",
        "50",
    ]
    command = [
        wapiti,
        "--url",
        f"{site.url}/",
        "--scope",
        "folder",
        "--flush-session",
        "--no-bugreport",
        "--verbose",
        "0",
    ]
    where = ["--store-session", str(site.directory), "--format", "json", "--output", str(report)]
    subprocess.run([*command, *where, *limits, *excluded, *sent], check=True)
    found = json.loads(report.read_text())
    for kind in ("vulnerabilities", "anomalies"):
        for category, entries in found[kind].items():
            for entry in entries if category not in EXPECTED else ():
                yield f"{category}: {entry['method']} {entry['path']} {entry['parameter'] or ''} {entry['info']}"
    print(f"{found['infos'].get('crawled_pages_nbr', 'No')} pages were scanned")


def main(arguments: list[str]) -> int:
    """Return 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="make scan ARGS=")
    parser.add_argument("wapiti", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args(arguments)
    with stack("embedded") as site:
        site.start("sandbox", "web", "worker")
        site.inside.run(f"person({EMAIL!r})")
        site.inside.run(f"submit({EMAIL!r}, 'scanned', [['a cat', 'a dog']])")
        session = f"Cookie: sessionid={site.session_of(EMAIL)}"
        found = [*findings(site, str(options.wapiti), options.minutes)]
        found += findings(site, str(options.wapiti), options.minutes, session)
    print(*(found or ["Nothing was found."]), sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
