from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.tasks import process_stripe_events
from billing.webhooks.events import UnstorableEventError, store_events
from billing.webhooks.signature import InvalidSignatureError, verify_event
from core.shared.task_queue import send_after_commit


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Receive a webhook: verify and store the event, then answer; a task processes it."""
    try:
        store_events([verify_event(request.body, request.headers.get("stripe-signature", ""))])
    except (InvalidSignatureError, UnstorableEventError):
        return HttpResponse(status=400)
    # If this message is lost, the schedule finds the events.
    send_after_commit(process_stripe_events)
    return HttpResponse(status=204)
