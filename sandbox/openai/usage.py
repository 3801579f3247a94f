"""Token counts, as the `usage` object of an answer tells them."""

import math

from .parameters import ImageOrder

CHARACTERS_PER_TOKEN = 4
PATCH, REFERENCE_EDGE, MAX_PATCHES, WIDEST_RATIO = 32, 1024, 1_536, 3


def text_tokens(text: str) -> int:
    """About how many tokens a text has."""
    return max(1, math.ceil(len(text) / CHARACTERS_PER_TOKEN))


def reference_tokens(width: int, height: int) -> int:
    """The tokens of a reference image. OpenAI does not publish them: a formula that customers found by experiment."""
    long = max(width, height)
    short = max(min(width, height), long / WIDEST_RATIO)
    scale = min(2.0, REFERENCE_EDGE / long) if long < REFERENCE_EDGE else 1.0
    patches = math.ceil(short * scale / PATCH) * math.ceil(long * scale / PATCH)
    return min(patches, MAX_PATCHES)


def of_images(order: ImageOrder) -> dict[str, object]:
    """The usage of an answered order."""
    prompt = text_tokens(order.prompt)
    references = sum(reference_tokens(*reference.size) for reference in order.references)
    output = order.count * order.model.output_tokens(order.quality, order.width, order.height)
    return {
        "total_tokens": prompt + references + output,
        "input_tokens": prompt + references,
        "output_tokens": output,
        "input_tokens_details": {"text_tokens": prompt, "image_tokens": references},
        "output_tokens_details": {"text_tokens": 0, "image_tokens": output},
    }


def of_text(question: str, answer_tokens: int) -> dict[str, object]:
    """The usage of an answered question."""
    asked = text_tokens(question)
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": answer_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": asked + answer_tokens,
    }
