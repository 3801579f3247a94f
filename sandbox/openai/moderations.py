"""`POST /v1/moderations`: flags what a few words give away."""

import base64
import re
import secrets
from io import BytesIO
from typing import Any

from django.http import HttpRequest, JsonResponse
from PIL import Image, ImageStat

from sandbox.calls import LOG, Call

from . import faults
from .catalogue import MODERATION_MODELS
from .endpoint import endpoint, json_object
from .errors import invalid, missing, model_not_found

CATEGORIES = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
    "self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip
WORDS = {
    "kill": "violence", "matar": "violence", "gore": "violence/graphic", "nude": "sexual", "desnuda": "sexual",
    "desnudo": "sexual", "suicide": "self-harm", "suicidio": "self-harm",
}  # fmt: skip
#: Flags whatever else the text says. `[refuse]` passes here and is blocked when the image is made.
MAGIC_WORD = "[flag]"


@endpoint("POST")
def create(request: HttpRequest, call: Call) -> JsonResponse:
    """Judge one text, a list of texts, or one message of texts and images."""
    body = json_object(request)
    model = body.get("model", "omni-moderation-latest")
    if model not in MODERATION_MODELS:
        raise model_not_found(str(model))
    texts = _texts(body)
    call.prompt, call.model = " ".join(texts), model
    LOG.start(call)
    struck = faults.due("", "moderations")
    faults.refuse_at_once(struck, model)
    faults.refuse(struck, model)
    results = [result(text) for text in texts]
    return JsonResponse({"id": f"modr-{secrets.token_hex(12)}", "model": model, "results": results})


def _texts(body: dict[str, Any]) -> list[str]:
    given = body.get("input")
    if given is None:
        raise missing("input")
    if isinstance(given, str):
        return [given]
    if isinstance(given, list) and given and all(isinstance(part, str) for part in given):
        return given
    if isinstance(given, list) and given and all(isinstance(part, dict) for part in given):
        return [" ".join(map(_words_of, given))]
    raise invalid("input", "Invalid type for 'input': expected a string or a list.", "invalid_type")


def _words_of(part: dict[str, Any]) -> str:
    """The text of a part; an image that is all magenta has the magic word. An image elsewhere is not fetched."""
    url = (part.get("image_url") or {}).get("url", "")
    if not url.startswith("data:"):
        return str(part.get("text", ""))
    try:
        image = Image.open(BytesIO(base64.b64decode(url.partition(";base64,")[2]))).convert("RGB")
    except (OSError, ValueError):
        raise invalid("input", "Invalid image.", "invalid_image") from None
    red, green, blue = ImageStat.Stat(image).mean
    return MAGIC_WORD if min(red, blue) > 240 and green < 20 else ""


def result(text: str) -> dict[str, object]:
    """What the moderation says of one text."""
    words = re.findall(r"\w+", text.lower())
    found = {WORDS[word] for word in words if word in WORDS}
    if MAGIC_WORD in text.lower():
        found.add("violence")
    return {
        "flagged": bool(found),
        "categories": {category: category in found for category in CATEGORIES},
        "category_scores": {category: 0.97 if category in found else 0.0001 for category in CATEGORIES},
        "category_applied_input_types": {category: ["text"] for category in CATEGORIES},
    }
