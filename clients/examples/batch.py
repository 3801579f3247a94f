"""Create a folder of pictures from a list of prompts, with Python and requests.

IIB_API_KEY=iib_… IIB_URL=https://images.example.com python batch.py folder
"""

import hashlib
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

api = os.environ["IIB_URL"] + "/api/v1"
folder = Path(sys.argv[1] if len(sys.argv) > 1 else "pictures")
folder.mkdir(exist_ok=True)

site = requests.Session()
site.headers["Authorization"] = "Bearer " + os.environ["IIB_API_KEY"]
# Retry 429 and 5xx; the server says in Retry-After how long to wait.
retry = Retry(total=5, status_forcelist=[429, 502, 503, 504], allowed_methods=None, backoff_factor=0.5)
site.mount(api, HTTPAdapter(max_retries=retry))


def ask(method: Any, url: str, **options: Any) -> requests.Response:
    """Return the response; exit with its text if it is an error."""
    answer = site.request(method, url, timeout=60, **options)
    if not answer.ok:
        raise SystemExit(f"{answer.status_code}: {answer.text}")
    return answer


# Step: submit
order = {
    "prompts": ["a lighthouse at dawn", {"prompt": "a red fox in the snow", "name": "fox", "ratio": "16:9"}],
    "style": "watercolour",
    "quality": "low",
    "format": "png",
}
# With the same Idempotency-Key, a repeated request creates and costs nothing.
batch = ask("POST", f"{api}/batches", json=order, headers={"Idempotency-Key": str(uuid.uuid4())}).json()

# Step: wait
while batch["status"] not in ("finished", "cancelled"):
    time.sleep(2)
    batch = ask("GET", f"{api}/batches/{batch['id']}").json()
for image in batch["images"]:
    if image["error"]:
        print(f"{image['name']}: {image['error']['message']}", file=sys.stderr)

# Step: save
for image in batch["images"]:
    if image["url"]:
        content = ask("GET", image["url"]).content
        if hashlib.sha256(content).hexdigest() != image["sha256"]:
            raise SystemExit(f"{image['name']} arrived damaged")
        (folder / image["name"]).write_bytes(content)

# Step: zip
with (
    ask("GET", f"{api}/batches/{batch['id']}/zip", stream=True) as answer,
    folder.with_suffix(".zip").open("wb") as file,
):
    for chunk in answer.iter_content(1 << 16):
        file.write(chunk)
