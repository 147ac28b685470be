"""The local edge: presigned PUTs of the folder store, and looks at signed URLs as CloudFront would allow them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from chassis.db import Database
from chassis.errors import Forbidden
from media_svc.domain.serving import Served, Span
from media_svc.ports import NoObject, ObjectStore, PutReceiver, PutRequest, UrlVerifier
from media_svc.queries.edge import served


class LocalEdge:
    """Serves either store; receives only where the store has no address of its own."""

    def __init__(
        self, database: Database, store: ObjectStore, receiver: PutReceiver | None, verifier: UrlVerifier
    ) -> None:
        self._database = database
        self._store = store
        self._receiver = receiver
        self._verifier = verifier

    def put(self, request: PutRequest, body: IO[bytes]) -> None:
        """Take a client's bytes (MEDIA-1). Raises Forbidden, Malformed, or Conflict with status 412."""
        if self._receiver is None:
            raise Forbidden("Uploads go to the object store.")
        self._receiver.receive(request, body)

    def look(self, key: str, query: Mapping[str, Sequence[str]], address: str | None) -> Served:
        """The object behind a signed URL. Raises Forbidden where the URL is no good, and equally where the object is
        gone, held or evidence (MEDIA-7): a key is never a capability."""
        self._verifier.verify(key, query, address)
        with self._database.reading():
            found = served(self._database, key)
        if found is None:
            raise Forbidden("This can't be seen.")
        return found

    def bytes_of(self, found: Served, span: Span) -> Iterator[bytes]:
        """Raises Forbidden where the object vanished at this moment."""
        try:
            return self._store.read(found.key, span.start, span.length)
        except NoObject:
            raise Forbidden("This can't be seen.") from None
