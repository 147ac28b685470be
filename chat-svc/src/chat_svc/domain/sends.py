"""Users' media on its way into a message: the states of a send, each of which is left only once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from chat_svc.domain.media import Media

State = Literal["claiming", "claimed", "admitted", "messaged", "refused"]
UNFINISHED: tuple[State, ...] = ("claiming", "claimed", "admitted")


@dataclass(frozen=True)
class Send:
    """One send. `id`: for whom its upload is claimed, another one in each `attempt`; `media` from claimed on,
    `generation` of its admission from admitted on."""

    conversation_id: UUID
    sender_id: UUID
    client_id: UUID
    id: UUID
    attempt: int
    kind: str
    text: str | None
    upload_id: UUID
    permit_id: str
    state: State
    generation: int | None
    media: Media | None

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    def is_made_of(self, kind: str, text: str | None, upload_id: UUID) -> bool:
        """Whether a send with this body is this one."""
        return (self.kind, self.text, self.upload_id) == (kind, text, upload_id)
