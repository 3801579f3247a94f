"""Pages for load balancers and uptime services: what is wrong is in the log, not in public."""

import logging
from hmac import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from operations.monitoring import alarms, health
from operations.monitoring import metrics as site_metrics

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """Say that the process answers. If it does not, restart it."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether this web process can answer requests. If not, send them to another one."""
    return _answer(health.readiness())


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Say whether the whole site works, with its workers. If not, a person is needed."""
    checks = health.everything()
    if checks.get("migrations") == checks["cache"] == health.OK:
        alarms.check()
    return _answer(checks)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not settings.METRICS_TOKEN:
        raise Http404
    sent = request.headers.get("Authorization", "").encode()
    if not compare_digest(sent, f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(site_metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _answer(checks: dict[str, str]) -> JsonResponse:
    faults = {name: result for name, result in checks.items() if result != health.OK}
    if faults:
        logger.warning("unhealthy: %s", faults)
    public = {name: "failing" if name in faults else "ok" for name in checks}
    return JsonResponse({"status": "unhealthy" if faults else "ok", **public}, status=503 if faults else 200)
