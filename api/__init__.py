"""The interface for programs (Django REST framework), version by version."""
