"""What the smallest app there can be brings to the rest of the product: to see what it takes to add one."""

from django.utils.functional import lazystr

from core.accounts.rights import Role, right
from core.accounts.sections import Section
from core.audit.actions import AuditAction, SubjectKind
from core.shared.file_fields import Field, FileFields

KEEP_KEYS = right("keep_keys", lazystr("Keep the keys"), Role.STORE_MANAGER, place=90)
RIGHTS = (KEEP_KEYS,)
SECTIONS = (Section("keys", lazystr("Keys"), "clients:list", KEEP_KEYS, place=90),)


class Action(AuditAction):
    KEY_HANDED_OVER = "key.handed_over", "Key handed over"


class Kind(SubjectKind):
    KEY = "key", "Key"


FIELD_WORDS = {"door": "Door"}
CLOSED_TO_OPERATORS = ("keys:hand-over",)
ALLOWED_WHILE_READ_ONLY = ("keys:hand-over",)
EXPENSIVE_REQUESTS = {"POST keys:hand-over": "files"}
FILE_FIELDS = (FileFields("clients", (Field("key_number", lazystr("Key number"), headings="key 钥匙"),)),)
