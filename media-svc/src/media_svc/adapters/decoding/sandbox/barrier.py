"""What a child may still do before it looks at the first hostile byte: compute, and write into one open file.

A seccomp filter lists the system calls that are left; all others fail with EPERM. There is no open, no socket, no
execve, no fork, no ptrace, no signal to others and no new executable memory. The limits of the kernel do the rest.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from dataclasses import dataclass

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NAME, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 15, 22, 38
_SECCOMP_MODE_FILTER = 2
_SIGKILL = 9
_CLONE_THREAD = 0x10000
_PROT_EXEC = 4

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06  # of classic BPF: ld [k], jeq, jset, ret
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000
_UNKNOWN_CALL = 0x00050000 | errno.ENOSYS
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data; arguments are 8 bytes each


@dataclass(frozen=True)
class _Machine:
    """One processor architecture: its AUDIT_ARCH number, and the numbers of the system calls by name."""

    audit: int
    calls: dict[str, int]


_X86_64 = _Machine(
    0xC000003E,
    {
        "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12,
        "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17, "pwrite64": 18, "readv": 19,
        "writev": 20, "sched_yield": 24, "mremap": 25, "mincore": 27, "madvise": 28, "nanosleep": 35, "getpid": 39,
        "clone": 56, "exit": 60, "uname": 63, "fcntl": 72, "ftruncate": 77, "gettimeofday": 96, "getrusage": 98,
        "sysinfo": 99, "times": 100, "sigaltstack": 131, "prctl": 157, "gettid": 186, "time": 201, "futex": 202,
        "sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229,
        "clock_nanosleep": 230, "exit_group": 231, "tgkill": 234, "newfstatat": 262, "set_robust_list": 273,
        "getcpu": 309, "getrandom": 318, "membarrier": 324, "rseq": 334, "clone3": 435,
    },
)  # fmt: skip
_AARCH64 = _Machine(
    0xC00000B7,
    {
        "fcntl": 25, "ftruncate": 46, "close": 57, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66,
        "pread64": 67, "pwrite64": 68, "newfstatat": 79, "fstat": 80, "exit": 93, "exit_group": 94, "futex": 98,
        "set_robust_list": 99, "nanosleep": 101, "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115,
        "sched_getaffinity": 123, "sched_yield": 124, "restart_syscall": 128, "tgkill": 131, "sigaltstack": 132,
        "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "times": 153, "uname": 160, "getrusage": 165,
        "prctl": 167, "getcpu": 168, "gettimeofday": 169, "getpid": 172, "gettid": 178, "sysinfo": 179, "brk": 214,
        "munmap": 215, "mremap": 216, "clone": 220, "mmap": 222, "mprotect": 226, "mincore": 232, "madvise": 233,
        "getrandom": 278, "membarrier": 283, "rseq": 293, "clone3": 435,
    },
)  # fmt: skip
_MACHINES = {"x86_64": _X86_64, "aarch64": _AARCH64}
_WITH_CONDITIONS = frozenset({"clone", "clone3", "mmap", "mprotect", "prctl", "tgkill"})


def supported() -> bool:
    """Whether this machine has the barrier: Linux on x86_64 or aarch64 with 64-bit processes."""
    return sys.platform == "linux" and platform.machine() in _MACHINES and sys.maxsize > 2**32


def limit(*, memory_bytes: int, cpu_s: int, file_bytes: int) -> None:
    """The limits of the kernel for this process. Of processor time it gets a second more, to die of SIGXCPU."""
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_DATA: memory_bytes,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_NOFILE: 16,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))


def close() -> None:
    """Shut the barrier for ever. Only for a process with one thread. Raises OSError where it can't be shut."""
    libc = ctypes.CDLL(None, use_errno=True)

    def prctl(option: int, *arguments: object) -> None:
        padded = [*arguments, *([ctypes.c_ulong(0)] * (4 - len(arguments)))]
        if libc.prctl(ctypes.c_int(option), *padded) != 0:
            raise OSError(ctypes.get_errno(), f"prctl {option} was refused")

    program = filter_program(platform.machine(), os.getpid())
    instructions = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a count and, after padding, a pointer
    described = ctypes.create_string_buffer(struct.pack("H6xQ", len(program) // 8, ctypes.addressof(instructions)))
    prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(_SIGKILL))
    prctl(_PR_SET_DUMPABLE, ctypes.c_ulong(0))
    prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1))
    prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(described))


def filter_program(machine: str, pid: int) -> bytes:
    """The filter in classic BPF: calls of another architecture kill, what is not listed is refused."""
    known = _MACHINES[machine]
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, known.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]

    def only_if(name: str, argument: int, test: int, value: int, *, then: int, otherwise: int) -> None:
        """Decide a call by the lower half of an argument."""
        body = [(_LOAD, 0, 0, _ARGUMENT + 8 * argument), (test, 0, 1, value), (_RETURN, 0, 0, then)]
        body.append((_RETURN, 0, 0, otherwise))
        program.extend([(_EQUAL, 0, len(body), known.calls[name]), *body])

    only_if("clone", 0, _ANY_BIT, _CLONE_THREAD, then=_ALLOW, otherwise=_REFUSE)
    only_if("mmap", 2, _ANY_BIT, _PROT_EXEC, then=_REFUSE, otherwise=_ALLOW)
    only_if("mprotect", 2, _ANY_BIT, _PROT_EXEC, then=_REFUSE, otherwise=_ALLOW)
    only_if("prctl", 0, _EQUAL, _PR_SET_NAME, then=_ALLOW, otherwise=_REFUSE)
    only_if("tgkill", 0, _EQUAL, pid, then=_ALLOW, otherwise=_REFUSE)
    # The flags of clone3 lie behind a pointer; the C library falls back to clone.
    program.extend([(_EQUAL, 0, 1, known.calls["clone3"]), (_RETURN, 0, 0, _UNKNOWN_CALL)])
    for name, number in known.calls.items():
        if name not in _WITH_CONDITIONS:
            program.extend([(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)])
    program.append((_RETURN, 0, 0, _REFUSE))
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)
