"""Docker's HEALTHCHECK of the web service: exits with 1 unless this process answers."""

import os
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

host = urlsplit(os.environ.get("SITE_URL", "")).hostname or "127.0.0.1"
urlopen(Request("http://127.0.0.1:8000/livez", headers={"Host": host}), timeout=4)
