"""How root runs a program that refuses to run as root, without touching anyone's files.

PostgreSQL will not run as root. Other ways make a system user and open every folder down to the data to all users;
here an existing user is borrowed, and on Linux the process keeps one right of root (to pass through folders), so that a data
folder under a closed home works as it is. Nothing of the machine is changed.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import struct
import sys

_KEEP_CAPABILITIES = 8  # PR_SET_KEEPCAPS
_AMBIENT, _AMBIENT_RAISE = 47, 2  # PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE
_DAC_OVERRIDE = 1  # CAP_DAC_OVERRIDE: pass by the permission bits of files and folders
_CAPABILITY_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3

_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class NoSuchUser(OSError):  # noqa: N818 - named for what is missing
    """Root has no ordinary user to borrow."""


def borrowed_user() -> str | None:
    """The user whom root borrows for a program that refuses root; None where this process is not root.

    Raises:
        NoSuchUser: neither `postgres` nor `nobody` exists.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            if pwd.getpwnam(name).pw_uid:
                return name
        except KeyError:
            continue
    raise NoSuchUser(
        "PostgreSQL refuses to run as root and there is no user `postgres` or `nobody` to run it as: start as an ordinary user"
    )


def lookup(name: str) -> pwd.struct_passwd:
    """The entry of a user.

    Raises:
        NoSuchUser: there is none of that name.
    """
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise NoSuchUser(f"there is no user {name!r}") from None


def prctl(option: int, *arguments: int) -> bool:
    """Linux's prctl; False where it is not to be had or refuses."""
    if _LIBC is None:
        return False
    padded = [*arguments, 0, 0, 0, 0][:4]
    return bool(_LIBC.prctl(ctypes.c_int(option), *(ctypes.c_ulong(value) for value in padded)) == 0)


def become(user: pwd.struct_passwd) -> None:
    """Give up root for good in this process, keeping on Linux the right to pass through closed folders.

    For use between fork and exec. Where the right cannot be kept (a container that dropped it, another system), the program
    must be able to reach its files as that user; it says so itself if it cannot.
    """
    kept = prctl(_KEEP_CAPABILITIES, 1)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    if kept and _LIBC is not None:
        bit = 1 << _DAC_OVERRIDE
        header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
        sets = struct.pack("IIIIII", bit, bit, bit, 0, 0, 0)
        if _LIBC.capset(header, sets) == 0:
            # Ambient, so that it stays over the exec of a file without capabilities of its own.
            prctl(_AMBIENT, _AMBIENT_RAISE, _DAC_OVERRIDE)
