"""The errors of OpenAI's API, in its words. The codes and shapes are those a client must tell apart."""

from django.http import JsonResponse

BAD_REQUEST = "invalid_request_error"
BAD_IMAGE = "image_generation_user_error"


class ApiError(Exception):
    """An answer other than 200: its status, the four fields of the error object, more fields and headers."""

    def __init__(
        self,
        status: int,
        kind: str,
        code: str | None,
        message: str,
        *,
        param: str | None = None,
        headers: dict[str, str] | None = None,
        **more: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "type": kind, "param": param, "code": code, **more}
        self.headers = headers or {}

    def response(self) -> JsonResponse:
        """The error as it is sent."""
        return JsonResponse({"error": self.error}, status=self.status, headers=self.headers)


def no_key() -> ApiError:
    """The request carries no bearer token."""
    return ApiError(
        401, BAD_REQUEST, None, "You didn't provide an API key. Send it as 'Authorization: Bearer YOUR_KEY'."
    )


def wrong_key(key: str) -> ApiError:
    """The key is not known."""
    shown = f"{key[:4]}***{key[-2:]}"
    return ApiError(401, BAD_REQUEST, "invalid_api_key", f"Incorrect API key provided: {shown}.")


def real_key() -> ApiError:
    """The site has a key of the real OpenAI."""
    message = "OPENAI_API_KEY is set: this site uses a real upstream, so its sandbox does not serve."
    return ApiError(403, BAD_REQUEST, None, message)


def unknown_url(method: str, path: str) -> ApiError:
    """There is no such endpoint."""
    return ApiError(404, BAD_REQUEST, "unknown_url", f"Unknown request URL: {method} {path}.")


def wrong_method(method: str, path: str) -> ApiError:
    """The endpoint exists, but not for this method."""
    return ApiError(405, BAD_REQUEST, "method_not_supported", f"Not allowed to {method} on {path}.")


def model_not_found(model: str) -> ApiError:
    """The model is unknown or shut down."""
    message = f"The model '{model}' does not exist or you do not have access to it."
    return ApiError(404, BAD_REQUEST, "model_not_found", message, param="model")


def not_json() -> ApiError:
    """The body cannot be read."""
    return ApiError(400, BAD_REQUEST, None, "We could not parse the JSON body of your request.")


def missing(name: str) -> ApiError:
    """A required parameter is absent."""
    return ApiError(
        400, BAD_REQUEST, "missing_required_parameter", f"Missing required parameter: '{name}'.", param=name
    )


def unknown_parameter(name: str) -> ApiError:
    """A parameter that the image models do not know."""
    return ApiError(400, BAD_REQUEST, "unknown_parameter", f"Unknown parameter: '{name}'.", param=name)


def invalid(name: str, message: str, code: str = "invalid_value") -> ApiError:
    """A parameter has a value that it cannot have."""
    return ApiError(400, BAD_REQUEST, code, message, param=name)


def invalid_size(size: str, reason: str) -> ApiError:
    """The size breaks a rule of the model."""
    return ApiError(400, BAD_IMAGE, "invalid_value", f"Invalid size '{size}'. {reason}", param="size")


def invalid_image(name: str, reason: str) -> ApiError:
    """An uploaded image cannot be used."""
    return ApiError(
        400, BAD_IMAGE, "invalid_image_file", f"Invalid image file or mode for {name}: {reason}", param=name
    )


def refused() -> ApiError:
    """The prompt was blocked by moderation."""
    message = (
        "Your request was rejected by the safety system. If you believe this is an error, contact the help center "
        "and include the request ID. safety_violations=[violence]."
    )
    detail = {"moderation_stage": "input", "categories": ["violence"]}
    return ApiError(400, BAD_IMAGE, "moderation_blocked", message, moderation_details=detail)


def rate_limited(model: str, retry_after_seconds: float, limit: int = 5) -> ApiError:
    """Too many images a minute; to be tried again after the delay."""
    seconds = f"{retry_after_seconds:g}"
    message = (
        f"Rate limit reached for {model} in organization org-sandbox on images per min. "
        f"Limit: {limit}/min. Please try again in {seconds}s."
    )
    headers = {"Retry-After": seconds, "x-should-retry": "true"}
    return ApiError(429, "rate_limit_error", "rate_limit_exceeded", message, headers=headers)


def no_money() -> ApiError:
    """The account's balance is used up; trying again never helps."""
    message = "You exceeded your current quota, please check your plan and billing details."
    return ApiError(429, "insufficient_quota", "credit_balance_exhausted", message)


def server_error() -> ApiError:
    """A fault of the server."""
    return ApiError(
        500, "server_error", None, "The server had an error while processing your request. Sorry about that!"
    )


def overloaded(retry_after_seconds: float) -> ApiError:
    """The server has too much to do; to be tried again after the delay."""
    message = "The server is currently overloaded with other requests. Please retry your request after a brief wait."
    headers = {"Retry-After": f"{retry_after_seconds:g}"}
    return ApiError(503, "service_unavailable_error", "server_is_overloaded", message, headers=headers)
