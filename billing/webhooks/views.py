from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.tasks import work_off_events
from billing.webhooks.events import UnkeepableEventError, keep_events
from billing.webhooks.signature import ForgedError, verified_event
from core.shared.sending import send_after_commit


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Where Stripe sends its events: kept, then answered; the work is done afterwards."""
    try:
        keep_events([verified_event(request.body, request.headers.get("stripe-signature", ""))])
    except (ForgedError, UnkeepableEventError):
        return HttpResponse(status=400)
    send_after_commit(work_off_events)  # should that be lost, the schedule finds them
    return HttpResponse(status=204)
