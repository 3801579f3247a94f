from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from batches.predictions import webhooks
from lib.body_size import body_bytes

#: A prediction with its input, which may hold an image of 256 kB.
_LARGEST_BODY = 1_000_000


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Answer 204, or 400 if it isn't about a prediction that we wait for."""
    if body_bytes(request) > _LARGEST_BODY:
        return HttpResponse(status=413)
    return HttpResponse(status=204 if webhooks.take(request.headers, request.body) else 400)
