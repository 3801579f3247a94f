"""Token counts, as the `usage` object of an answer tells them."""

import math

from .parameters import ImageOrder

CHARACTERS_PER_TOKEN = 4
# A nominal count: what a reference costs is not published.
REFERENCE_TOKENS = 323


def text_tokens(text: str) -> int:
    """About how many tokens a text has."""
    return max(1, math.ceil(len(text) / CHARACTERS_PER_TOKEN))


def of_images(order: ImageOrder) -> dict[str, object]:
    """The usage of an answered order."""
    prompt, references = text_tokens(order.prompt), REFERENCE_TOKENS * len(order.references)
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
