"""What a socket says without being read."""

from __future__ import annotations

import select

_MOST_FOR_SELECT = 1024


def is_readable(fd: int) -> bool:
    """Whether a read would not wait: on an idle connection that means data nobody asked for, or its end."""
    if fd < _MOST_FOR_SELECT:  # five times cheaper under gevent, but blind beyond
        return bool(select.select([fd], [], [], 0)[0])
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(0))
