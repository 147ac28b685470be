"""Replies with media, and counts of companion media that are told by version."""

DDL = """
ALTER TABLE companions ADD COLUMN media_version integer NOT NULL DEFAULT 0;

ALTER TABLE reply_jobs ADD COLUMN kind text CHECK (kind IN ('text', 'image', 'video'));
ALTER TABLE reply_jobs ADD COLUMN wanted text CHECK (wanted IN ('image', 'video'));
ALTER TABLE reply_jobs ADD COLUMN tags text[] NOT NULL DEFAULT '{}';
ALTER TABLE reply_jobs ADD COLUMN asset jsonb;
ALTER TABLE reply_jobs ADD CHECK (kind IS NULL OR kind = 'text' OR (wanted IS NOT NULL AND kind = wanted));
ALTER TABLE reply_jobs ADD CHECK (asset IS NULL OR (state = 'open' AND wanted IS NOT NULL));
"""


def up(migrator, db):
    db.execute_sql(DDL)
