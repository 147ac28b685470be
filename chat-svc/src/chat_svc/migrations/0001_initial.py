"""The tables of companion conversations."""

from chassis import inbox, outbox

DDL = """
CREATE TABLE companions (
    id uuid PRIMARY KEY,
    version bigint NOT NULL CHECK (version >= 0),
    name text NOT NULL,
    avatar_key text,
    is_active boolean NOT NULL,
    engine text NOT NULL CHECK (engine IN ('model', 'offline'))
);
CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    companion_id uuid NOT NULL,
    last_seq integer NOT NULL DEFAULT 0 CHECK (last_seq >= 0),
    last_message_at timestamptz,
    regenerating_client uuid,
    regenerating_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX conversations_pair ON conversations (user_id, companion_id);
CREATE TABLE participants (
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    read_seq integer NOT NULL DEFAULT 0 CHECK (read_seq >= 0),
    delivered_seq integer NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, user_id),
    CHECK (delivered_seq >= read_seq)
);
CREATE INDEX participants_user ON participants (user_id);
CREATE TABLE messages (
    conversation_id uuid NOT NULL,
    seq integer NOT NULL CHECK (seq > 0),
    id uuid NOT NULL,
    sender_id uuid,
    client_id uuid,
    kind text NOT NULL CHECK (kind IN ('text', 'image', 'video', 'voice')),
    text text,
    reply_status text CHECK (reply_status IN ('pending', 'replied', 'failed')),
    reply_to uuid[],
    superseded boolean NOT NULL DEFAULT false,
    engine text CHECK (engine IN ('model', 'offline')),
    generation integer,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (conversation_id, seq),
    CHECK ((sender_id IS NULL) = (client_id IS NULL)),
    CHECK (kind <> 'text' OR text IS NOT NULL)
);
CREATE UNIQUE INDEX messages_id ON messages (conversation_id, id);
CREATE UNIQUE INDEX messages_client ON messages (conversation_id, sender_id, client_id) WHERE client_id IS NOT NULL;
CREATE TABLE regenerations (
    conversation_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    client_id uuid NOT NULL,
    id uuid NOT NULL,
    reply_id uuid NOT NULL,
    message_ids uuid[] NOT NULL,
    generation integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation_id, sender_id, client_id)
);
CREATE TABLE failed_replies (
    conversation_id uuid NOT NULL,
    reply_id uuid NOT NULL,
    message_ids uuid[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation_id, reply_id)
);
CREATE TABLE voided_admissions (
    conversation_id uuid NOT NULL,
    admission_id uuid NOT NULL,
    generation integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation_id, admission_id)
);
"""


def up(migrator, db):
    db.execute_sql(DDL)
    db.execute_sql(outbox.DDL)
    db.execute_sql(inbox.DDL)
