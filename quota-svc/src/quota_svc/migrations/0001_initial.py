"""Permits, free quotas, admissions, premium, and the tables of the outbox and the inbox."""

from chassis import inbox, outbox

DDL = """
CREATE TABLE permits (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    scope varchar(40) NOT NULL CHECK (scope IN ('chat_send')),
    uses integer NOT NULL CHECK (uses > 0),
    uses_left integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    CHECK (uses_left >= 0 AND uses_left <= uses),
    CHECK (expires_at > created_at)
);
CREATE INDEX permits_expires_at ON permits (expires_at);

CREATE TABLE permit_windows (
    user_id uuid PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    minted integer NOT NULL CHECK (minted > 0)
);

CREATE TABLE quotas (
    user_id uuid NOT NULL,
    companion_id uuid NOT NULL,
    text_granted integer NOT NULL,
    media_granted integer NOT NULL,
    audio_granted integer NOT NULL,
    text_left integer NOT NULL,
    media_left integer NOT NULL,
    audio_left integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, companion_id),
    CHECK (text_left >= 0 AND text_left <= text_granted),
    CHECK (media_left >= 0 AND media_left <= media_granted),
    CHECK (audio_left >= 0 AND audio_left <= audio_granted)
);

CREATE TABLE admissions (
    id uuid NOT NULL,
    generation integer NOT NULL CHECK (generation > 0),
    user_id uuid NOT NULL,
    companion_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    client_id uuid NOT NULL,
    permit_id uuid NOT NULL,
    scope varchar(40) NOT NULL,
    spent varchar(10) NOT NULL CHECK (spent IN ('nothing', 'text')),
    state varchar(10) NOT NULL DEFAULT 'admitted' CHECK (state IN ('admitted', 'used', 'reversed')),
    admitted_at timestamptz NOT NULL DEFAULT now(),
    settle_at timestamptz NOT NULL,
    PRIMARY KEY (id, generation)
);
CREATE INDEX admissions_unsettled ON admissions (settle_at) WHERE state = 'admitted';

CREATE TABLE premium (
    user_id uuid PRIMARY KEY,
    premium_until timestamptz
);

CREATE TABLE premium_grants (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    position integer NOT NULL CHECK (position > 0),
    days integer NOT NULL CHECK (days > 0),
    source varchar(40) NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX premium_grants_user_id_position ON premium_grants (user_id, position);
"""


def up(migrator, db):
    db.execute_sql(DDL)
    db.execute_sql(outbox.DDL)
    db.execute_sql(inbox.DDL)
