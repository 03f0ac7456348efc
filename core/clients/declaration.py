"""What this app brings to the rest of the product."""

from core.clients.models import Client

FIELD_CHOICES = {"gender": Client.Gender}
