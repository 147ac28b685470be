"""What ai-svc can do: companions, and replies from the request to the delivery."""

from __future__ import annotations

from dataclasses import dataclass

from ai_svc.usecases.companions import Companions
from ai_svc.usecases.replies import Replies


@dataclass(frozen=True)
class UseCases:
    """What doors, the command line and the seed may do."""

    companions: Companions
    replies: Replies
