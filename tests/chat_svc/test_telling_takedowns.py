"""Telling of an asset that was taken down and that very many conversations have had."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from chassis.db import Database
from chat_svc.queries import standings
from tests.chat_svc.chat_stand_ins import Chat

MANY = 20_000
PAGE = 50
UPLOAD = UUID("00000000-0000-7000-b000-000000000001")


class Measured(Database):
    """Runs a statement to see what it reads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.plan: dict[str, Any] = {}

    def rows(self, statement: str, params: Any = ()) -> list[tuple[Any, ...]]:
        with self._database.reading():
            ((told,),) = self._database.rows(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", params)
        self.plan = told[0]["Plan"]
        return []

    def read_of(self, table: str) -> int:
        return sum(node["Actual Rows"] * node["Actual Loops"] for node in _nodes(self.plan) if _is_of(node, table))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def _is_of(node: dict[str, Any], table: str) -> bool:
    return bool(node.get("Relation Name") == table)


def test_a_late_page_of_a_takedown_reads_no_more_than_an_early_one(chat: Chat) -> None:
    database = chat.service.basis.database
    with database.transaction():
        database.execute(
            "INSERT INTO conversations (id, user_id, companion_id, last_seq) SELECT"
            " ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, gen_random_uuid(), gen_random_uuid(), 1"
            " FROM generate_series(1, %s) n",
            (MANY,),
        )
        database.execute(
            "INSERT INTO messages (conversation_id, seq, id, kind, upload_id, asset_id, media, media_version,"
            " nsfw_flag) SELECT id, 1, gen_random_uuid(), 'image', %s, gen_random_uuid(), '{}', 1, 'safe'"
            " FROM conversations",
            (UPLOAD,),
        )
        database.execute("ANALYZE")
    measured = Measured(database)
    late = conversation_at(database, MANY // 2)
    standings.find_concerned(measured, UPLOAD, late, PAGE)
    assert measured.read_of("conversations") <= PAGE
    assert measured.read_of("messages") <= PAGE + 1
    with database.reading():
        found = standings.find_concerned(database, UPLOAD, late, PAGE)
        assert [one.seqs for one in found] == [[1]] * PAGE
    assert [one.conversation_id for one in found] == sorted(one.conversation_id for one in found)
    assert found[0].conversation_id > late


def conversation_at(database: Database, place: int) -> UUID:
    """The conversation at that place in the order of ids."""
    with database.reading():
        ((found,),) = database.rows("SELECT id FROM conversations ORDER BY id OFFSET %s LIMIT 1", (place,))
    return UUID(str(found))
