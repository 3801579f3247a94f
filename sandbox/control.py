"""The sandbox's controls for programs: tests, benchmarks and scripts. JSON in and out, no key."""

import json

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from .behaviour import DIRECTOR
from .calls import LOG
from .forms import BehaviourForm
from .openai.images import PUBLISHED
from .replicate.predictions import PREDICTIONS


@csrf_exempt
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> JsonResponse:
    """Show the settings, or change those that the JSON object names."""
    if request.method == "GET":
        return JsonResponse(DIRECTOR.current.as_json())
    # A page on another site can post a form, but not JSON: that is what stands in for a token here.
    if request.content_type != "application/json":
        return JsonResponse({"errors": {"__all__": ["Send JSON."]}}, status=415)
    try:
        changes = json.loads(request.body)
    except ValueError:
        changes = None
    if not isinstance(changes, dict):
        return JsonResponse({"errors": {"__all__": ["Send a JSON object."]}}, status=400)
    form = BehaviourForm.from_json(changes)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors.get_json_data()}, status=400)
    return JsonResponse(form.save().as_json())


@csrf_exempt
@require_http_methods(["GET", "DELETE"])
def calls(request: HttpRequest) -> JsonResponse:
    """Show the log of calls, or forget it together with what has been counted per prompt."""
    if request.method == "DELETE":
        LOG.reset()
        DIRECTOR.forget()
        PREDICTIONS.forget()
    return JsonResponse(LOG.summary())


@require_GET
def file(request: HttpRequest, name: str) -> HttpResponse:
    """An image that was answered as a URL."""
    content = PUBLISHED.get(name)
    if content is None:
        raise Http404
    return HttpResponse(content, content_type="image/png")
