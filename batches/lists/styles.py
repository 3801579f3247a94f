"""Styles: words that are added to every prompt of a list."""

_SENTENCE_STOPS = (".", "!", "?", "…", "。", "！", "？")
_LOOSE_ENDS = " \t,;，、；"


def styled_prompt(prompt: str, style: str) -> str:
    """Return the prompt as it is sent and shown: the style follows after a comma, or as a new sentence."""
    return "".join(prompt_and_ending(prompt, style))


def styled_length(prompt: str, style: str) -> int:
    """Return the length of the styled prompt without building it, for long lists."""
    return sum(map(len, prompt_and_ending(prompt, style)))


def prompt_and_ending(prompt: str, style: str) -> tuple[str, str]:
    """Return the customer's prompt, and what the style adds to it."""
    style = style.strip(_LOOSE_ENDS)
    if not style:
        return prompt, ""
    prompt = prompt.rstrip(_LOOSE_ENDS)
    if not prompt:
        return "", style
    joint = " " if prompt.endswith(_SENTENCE_STOPS) else ", "
    return prompt, f"{joint}{style}"
