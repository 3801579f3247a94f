"""`GET /v1/models` and `GET /v1/models/{id}`."""

from django.http import HttpRequest, JsonResponse

from sandbox.calls import Call

from .catalogue import available
from .endpoint import endpoint
from .errors import model_not_found, unknown_url


@endpoint("GET")
def listing(request: HttpRequest, call: Call) -> JsonResponse:
    """Every model that answers."""
    return JsonResponse({"object": "list", "data": [model.as_json() for model in available().values()]})


@endpoint("GET")
def detail(request: HttpRequest, call: Call, model_id: str) -> JsonResponse:
    """One model, with the day on which it shuts down."""
    model = available().get(model_id)
    if model is None:
        raise model_not_found(model_id)
    return JsonResponse(model.as_json())


@endpoint()
def unknown(request: HttpRequest, call: Call, path: str) -> JsonResponse:
    """Any other address."""
    raise unknown_url(str(request.method), request.path)
