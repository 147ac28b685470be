"""Media on messages: the sends that carry it, how it stands since, and reports of what was quarantined."""

DDL = """
ALTER TABLE messages
    ADD COLUMN upload_id uuid,
    ADD COLUMN asset_id uuid,
    ADD COLUMN media jsonb,
    ADD COLUMN media_version integer,
    ADD COLUMN nsfw_flag text CHECK (nsfw_flag IN ('unknown', 'safe', 'soft', 'erotic', 'blocked')),
    ADD CHECK ((kind = 'text') = (upload_id IS NULL)),
    ADD CHECK (
        (upload_id IS NULL) = (media IS NULL) AND (upload_id IS NULL) = (media_version IS NULL)
        AND (upload_id IS NULL) = (nsfw_flag IS NULL)
    ),
    ADD CHECK (asset_id IS NULL OR sender_id IS NULL);
CREATE INDEX messages_upload ON messages (upload_id, conversation_id, seq) WHERE upload_id IS NOT NULL;
CREATE TABLE sends (
    conversation_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    client_id uuid NOT NULL,
    id uuid NOT NULL,
    attempt integer NOT NULL DEFAULT 1 CHECK (attempt > 0),
    kind text NOT NULL CHECK (kind IN ('image', 'video', 'voice')),
    text text,
    upload_id uuid NOT NULL,
    permit_id text NOT NULL,
    state text NOT NULL DEFAULT 'claiming'
        CHECK (state IN ('claiming', 'claimed', 'admitted', 'messaged', 'refused')),
    media jsonb,
    media_version integer,
    nsfw_flag text,
    generation integer,
    started_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, sender_id, client_id),
    CHECK (state NOT IN ('claimed', 'admitted') OR (media IS NOT NULL AND media_version IS NOT NULL
        AND nsfw_flag IS NOT NULL)),
    CHECK (state <> 'admitted' OR generation IS NOT NULL)
);
CREATE INDEX sends_due ON sends (due_at) WHERE state IN ('claiming', 'claimed', 'admitted');
CREATE INDEX sends_ended ON sends (started_at) WHERE state IN ('messaged', 'refused');
CREATE TABLE upload_releases (
    send_id uuid PRIMARY KEY,
    upload_id uuid NOT NULL,
    times_left integer NOT NULL CHECK (times_left > 0),
    due_at timestamptz NOT NULL
);
CREATE INDEX upload_releases_due ON upload_releases (due_at);
CREATE TABLE media_standings (
    upload_id uuid PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    nsfw_flag text NOT NULL CHECK (nsfw_flag IN ('unknown', 'safe', 'soft', 'erotic', 'blocked')),
    removed boolean NOT NULL,
    told_up_to uuid
);
CREATE INDEX media_standings_untold ON media_standings (upload_id) WHERE told_up_to IS NOT NULL;
CREATE TABLE reports (
    id uuid PRIMARY KEY,
    source text NOT NULL CHECK (source IN ('user', 'pipeline', 'appeal')),
    incident boolean NOT NULL,
    reason text NOT NULL,
    upload_id uuid,
    conversation_id uuid,
    reported_user_id uuid,
    status text NOT NULL CHECK (status IN ('pending', 'reviewing', 'resolved', 'dismissed')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
"""


def up(migrator, db):
    db.execute_sql(DDL)
