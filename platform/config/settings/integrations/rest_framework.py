"""The interface for programs (Django REST framework).

Its app is not installed: it would add the pages and scripts of an API to browse, and nothing that JSON needs.
"""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.SessionSignIn"],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.HasRight"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    # OPTIONS is a method that no address takes.
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "api.problems.handle",
    # No parameter names the format.
    "URL_FORMAT_OVERRIDE": None,
}
