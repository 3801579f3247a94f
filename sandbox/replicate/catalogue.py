"""The models that the stand-in knows: what each makes, and which inputs it takes. Others get 404, other inputs 422."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ProblemError

VIDEO, IMAGE = "video", "image"
#: An input that takes any value.
ANY = None
_ALL_RATIOS = ("1:1", "16:9", "9:16")


@dataclass(frozen=True)
class Model:
    """A model; `inputs` has the allowed values of each input."""

    name: str
    makes: str
    inputs: Mapping[str, tuple[Any, ...] | None]

    def check(self, given: Mapping[str, Any]) -> None:
        """Raise the error that the API answers to wrong inputs."""
        if not isinstance(given.get("prompt"), str) or not given["prompt"]:
            raise _invalid("- input: prompt is required")
        for key, value in given.items():
            if key not in self.inputs:
                raise _invalid(f"- input: Additional property {key} is not allowed")
            allowed = self.inputs[key]
            if allowed is not ANY and value not in allowed:
                raise _invalid(f"- input.{key}: must be one of {', '.join(map(str, allowed))}")


def _invalid(detail: str) -> ProblemError:
    return ProblemError(422, "Input validation failed", detail)


def _video(name: str, **inputs: tuple[Any, ...] | None) -> Model:
    return Model(name, VIDEO, {"prompt": ANY, "seed": ANY, "image": ANY, **inputs})


_VEO = {
    "duration": (4, 6, 8), "aspect_ratio": ("16:9", "9:16"), "resolution": ("720p", "1080p"),
    "generate_audio": (True, False), "negative_prompt": ANY, "last_frame": ANY,
}  # fmt: skip
_SEEDANCE = {
    "duration": tuple(range(4, 16)), "aspect_ratio": _ALL_RATIOS, "resolution": ("480p", "720p", "1080p"),
    "generate_audio": (True, False), "reference_images": ANY,
}  # fmt: skip
_PICTURE = {"aspect_ratio": _ALL_RATIOS, "output_format": ("png", "jpg", "webp"), "resolution": ANY}

MODELS = {
    model.name: model
    for model in (
        _video("google/veo-3.1", **_VEO),
        _video("google/veo-3.1-fast", **_VEO),
        _video("bytedance/seedance-2.0", **_SEEDANCE),
        _video("bytedance/seedance-2.0-fast", **_SEEDANCE),
        Model(
            "black-forest-labs/flux-2-pro",
            IMAGE,
            {"prompt": ANY, "seed": ANY, "input_images": ANY, "safety_tolerance": ANY, "output_quality": ANY}
            | _PICTURE,
        ),
        Model("google/nano-banana-2", IMAGE, {"prompt": ANY, "image_input": ANY, **_PICTURE}),
    )
}


def model_named(name: str) -> Model:
    """The model, or the error for one that is not there."""
    if name not in MODELS:
        raise ProblemError(404, "Model not found", f"The requested model {name} could not be found.")
    return MODELS[name]
