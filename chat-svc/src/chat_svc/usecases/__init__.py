"""What chat-svc does. Each capability is a class that gets its collaborators."""

from __future__ import annotations

from dataclasses import dataclass

from chat_svc.usecases.companions import Companions
from chat_svc.usecases.conversations import Conversations
from chat_svc.usecases.media_rules import MediaRules
from chat_svc.usecases.media_sends import MediaSends
from chat_svc.usecases.messages import Messages
from chat_svc.usecases.recovering import Recovering
from chat_svc.usecases.regenerating import Regenerating
from chat_svc.usecases.replies import Replies
from chat_svc.usecases.sending import Sending
from chat_svc.usecases.settling import Settling
from chat_svc.usecases.standings import Standings


@dataclass(frozen=True)
class Usecases:
    """All of them, for the doors and for hosts."""

    companions: Companions
    conversations: Conversations
    messages: Messages
    sending: Sending
    media_sends: MediaSends
    recovering: Recovering
    regenerating: Regenerating
    replies: Replies
    settling: Settling
    standings: Standings
    media_rules: MediaRules
