"""The stream log: per user a gapless list of references, its head, and how far each conversation was logged."""

DDL = """
CREATE TABLE stream_heads (
    user_id uuid PRIMARY KEY,
    last bigint NOT NULL CHECK (last > 0)
);
CREATE TABLE stream_log (
    user_id uuid NOT NULL,
    id bigint NOT NULL,
    event text NOT NULL,
    subject jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, id)
);
CREATE INDEX stream_log_created_at ON stream_log (created_at);
CREATE TABLE stream_conversations (
    conversation_id uuid PRIMARY KEY,
    last_seq bigint NOT NULL CHECK (last_seq >= 0)
);
"""


def up(migrator, db):
    db.execute_sql(DDL)
