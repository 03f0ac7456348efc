"""The account PostgreSQL runs under when we are root, which it refuses to run as.

It becomes `nobody` and keeps a single capability, the one to pass folders closed to it, so that a home or a checkout
below a private folder works as it is: no account is added to the machine and no folder of the user's is opened.
"""

import ctypes
import os
import pwd
import sys
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522

# Loaded here, since a child between fork and exec must not load anything.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """A user and group of the machine."""

    user: int
    group: int


def unprivileged(data: Path) -> Account | None:
    """The account to drop to: whose the data is already, or `nobody`. None when we are no root and stay who we are."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(user=owner.st_uid, group=owner.st_gid)
    entry = pwd.getpwnam("nobody")
    return Account(user=entry.pw_uid, group=entry.pw_gid)


def become(account: Account) -> None:
    """Turn the calling process (a child before exec) into the account."""
    os.setgroups([])
    os.setgid(account.group)
    if _libc is None:
        os.setuid(account.user)
        return
    _libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    # Else access(2), by which PostgreSQL looks for its own programs, takes no notice of the capability.
    _libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setuid(account.user)
    bit = 1 << _CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    if _libc.capset(header, sets) == 0:
        _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def die_with_parent(signal_number: int, parent: int) -> None:
    """Have the kernel send the calling process a signal when its parent dies (Linux), even by kill -9."""
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal_number)
