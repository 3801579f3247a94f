from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from operations.health import checks


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    results = checks()
    healthy = all(result == "ok" for result in results.values())
    return JsonResponse({"status": "ok" if healthy else "unhealthy", **results}, status=200 if healthy else 503)
