"""Benchmark of uploads: CPU time and memory of the web server for reference photos as phones take them."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import requests
from PIL import Image

from bench.api import MEGABYTE, peak_bytes
from bench.numbers import Number
from bench.pages import TIMES, cpu_seconds, inside
from tests.servers import Stack, stack

SIZE = (4032, 3024)
#: With this much noise the files have 1.5 to 4 MB.
_NOISE = 12
#: Made like `picture`, and saved by pillow-heif, because Pillow can't write this format.
HEIC = Path(__file__).with_name("photo.heic")
AT_ONCE = 16
MOST_SECONDS = {"jpg": 1.5, "webp": 1.5, "heic": 5}


def picture() -> Image.Image:
    """Return a gradient of 12 megapixels with noise, because photographs have noise."""
    gradient = Image.linear_gradient("L").resize(SIZE).point(lambda value: value // 2)
    noise = Image.effect_noise(SIZE, _NOISE)
    turned = (noise, noise.transpose(Image.Transpose.FLIP_TOP_BOTTOM), noise.transpose(Image.Transpose.ROTATE_180))
    return Image.merge("RGB", [Image.blend(gradient, each, 0.5) for each in turned])


def files() -> dict[str, bytes]:
    photo, made = picture(), {"heic": HEIC.read_bytes()}
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned, as phones save portraits
    for ending, file_format in {"jpg": "JPEG", "webp": "WEBP"}.items():
        file = io.BytesIO()
        photo.save(file, file_format, exif=exif, quality=93, method=0)
        made[ending] = file.getvalue()
    return made


def uploads() -> Iterator[Number]:
    """Photos of 12 megapixels one by one, then many at once."""
    photos = files()
    with stack("embedded", OPENAI_MODERATION_MODEL="") as site:
        site.start_web()
        # The requests of a key are limited, and a large one counts as several.
        keys = iter(inside(site, f"keys({len(photos) * TIMES + 2 * AT_ONCE})")["keys"])
        small = io.BytesIO()
        Image.new("RGB", (300, 300)).save(small, "PNG")
        # Each thread of the web server has a connection to the database, which takes memory of its own.
        _send_at_once([(site, next(keys), "png", small.getvalue()) for _ in range(AT_ONCE)])
        before = peak_bytes(site.web.pid, reset=True)
        for ending, data in photos.items():
            seconds = median(_cpu_of(site, next(keys), ending, data) for _ in range(TIMES))
            remark = f"{len(data) / MEGABYTE:.1f} MB; median of {TIMES}"
            yield Number(f"upload of a 12-megapixel {ending}: CPU", seconds, "s", MOST_SECONDS[ending], remark=remark)
        kinds = list(photos.items())
        _send_at_once([(site, next(keys), *kinds[number % len(kinds)]) for number in range(AT_ONCE)])
        extra = (peak_bytes(site.web.pid) - before) / MEGABYTE
        yield Number(f"{AT_ONCE} such uploads at once: extra memory of the web server", extra, "MB", 250)


def _cpu_of(site: Stack, key: str, ending: str, data: bytes) -> float:
    before = cpu_seconds(site.web.pid)
    _send(site, key, ending, data)
    return cpu_seconds(site.web.pid) - before


def _send_at_once(uploads: list[tuple[Stack, str, str, bytes]]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda given: _send(*given), uploads))


def _send(site: Stack, key: str, ending: str, data: bytes) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    files = {"file": (f"photo.{ending}", data)}
    answer = requests.post(f"{site.url}/api/v1/references", headers=headers, files=files, timeout=120)
    assert answer.status_code == 201, answer.text
