"""What has gathered must not be read again at every look: the plans of the statements that run all the time."""

from typing import Any

import pytest

from chassis.db import Database
from chassis.ids import uuid7
from media_svc.queries import uploads, viewing
from tests.media_svc.companion_media_kit import Shelf
from tests.media_svc.media_stand_ins import Media

MANY = 20_000


class Planned(Database):
    """Tells the plan of each statement instead of running it."""

    def __init__(self, media: Media) -> None:
        self._media = media
        self.plan = ""

    def rows(self, statement: str, params: Any = ()) -> list[tuple[Any, ...]]:
        database = self._media.service.basis.database
        with database.reading():
            self.plan = "\n".join(line for (line,) in database.rows(f"EXPLAIN {statement}", params))
        return []

    def row(self, statement: str, params: Any = ()) -> None:
        self.rows(statement, params)


@pytest.fixture
def much(media: Media, shelf: Shelf) -> Media:
    """Very many assets sent to others, and very many uploads of one user."""
    asset = shelf.add("asset")
    media.execute(
        "INSERT INTO picks (reply_id, conversation_id, user_id, companion_id, kind, tags, missed_tags, mature,"
        " asset_id, why, state) SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), %s, 'image', '{}',"
        " '{}', false, %s, '{}', 'picked' FROM generate_series(1, %s)",
        shelf.companion_id, asset["id"], MANY,
    )  # fmt: skip
    media.execute(
        "INSERT INTO asset_grants (conversation_id, user_id, asset_id, reply_id)"
        " SELECT conversation_id, user_id, asset_id, reply_id FROM picks"
    )
    media.execute(
        "INSERT INTO uploads (id, owner_id, purpose, kind, content_type, size, status, url_expires_at)"
        " SELECT gen_random_uuid(), %s, 'avatar', 'image', 'image/png', 1, 'failed', now()"
        " FROM generate_series(1, %s)",
        shelf.admin_id, MANY,
    )  # fmt: skip
    media.execute("ANALYZE")
    return media


def test_who_was_sent_an_asset_is_found_without_reading_all_that_was_ever_sent(much: Media, shelf: Shelf) -> None:
    planned = Planned(much)
    viewing.viewables(planned, [f"companion-media/{uuid7()}/{uuid7()}/full.jpg"], uuid7())
    assert "asset_grants_seen" in planned.plan, planned.plan
    assert "Seq Scan on asset_grants" not in planned.plan, planned.plan


def test_the_open_uploads_of_a_user_are_counted_without_reading_all_that_ended(much: Media, shelf: Shelf) -> None:
    planned = Planned(much)
    uploads.seconds_until_open_have_room(planned, shelf.admin_id, 50)
    assert "uploads_open" in planned.plan, planned.plan
