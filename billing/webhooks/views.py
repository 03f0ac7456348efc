from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.webhooks.events import UnkeepableEventError, keep_events
from billing.webhooks.signature import ForgedError, verified_event

# Stripe's own are a few kilobytes.
LARGEST = 512 * 1024


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Where Stripe sends its events: kept, then answered; the work is done afterwards."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return HttpResponse(status=413)
    try:
        keep_events([verified_event(request.body, request.headers.get("stripe-signature", ""))])
    except (ForgedError, UnkeepableEventError):
        return HttpResponse(status=400)
    return HttpResponse(status=204)
