"""A loop of calls with OpenAI's package, for comparison.

python -m bench.bare_loop BASE_URL COUNT FOLDER    prints the seconds
"""

import base64
import sys
import time
from pathlib import Path

from openai import OpenAI

#: As a worker does before its first image.
CHECKED_AT_ONCE = 20


def main(base_url: str, count: int, folder: Path) -> float:
    """Have the first prompts checked, make `count` images, write each to a file and return the seconds for all."""
    client = OpenAI(api_key="none", base_url=base_url)
    started_at = time.monotonic()
    client.moderations.create(input=[f"prompt {number}" for number in range(min(count, CHECKED_AT_ONCE))])
    for number in range(count):
        answer = client.images.generate(model="gpt-image-2.5-flare", prompt=f"prompt {number}", size="1024x1024")
        (folder / f"{number}.png").write_bytes(base64.b64decode(answer.data[0].b64_json))
    return time.monotonic() - started_at


if __name__ == "__main__":
    print(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
