"""Uploads, their objects and verdicts, companion media with likes, and what companions picked to send."""

DDL = """
CREATE TABLE uploads (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL,
    purpose text NOT NULL CHECK (
        purpose IN ('chat', 'avatar', 'companion_profile', 'companion_background', 'companion_media')
    ),
    conversation_id uuid,
    companion_id uuid,
    kind text NOT NULL CHECK (kind IN ('image', 'video', 'voice')),
    content_type text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    sha256_announced text,
    status text NOT NULL DEFAULT 'uploading' CHECK (
        status IN ('uploading', 'processing', 'completed', 'blocked', 'failed')
    ),
    error_code text,
    nsfw_flag text NOT NULL DEFAULT 'unknown' CHECK (nsfw_flag IN ('unknown', 'safe', 'soft', 'erotic', 'blocked')),
    media jsonb,
    sha256_original text,
    sha256_full text,
    pdq text[] NOT NULL DEFAULT '{}',
    policy_version text,
    price_tokens integer,
    used_by uuid,
    message_id uuid,
    held boolean NOT NULL DEFAULT false,
    removed_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    url_expires_at timestamptz NOT NULL,
    tombstone boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    processed_at timestamptz,
    CHECK ((purpose = 'chat') = (conversation_id IS NOT NULL)),
    CHECK ((purpose IN ('companion_profile', 'companion_background', 'companion_media')) = (companion_id IS NOT NULL)),
    CHECK ((status = 'completed') = (media IS NOT NULL)),
    CHECK ((status = 'completed') = (sha256_full IS NOT NULL)),
    CHECK (
        status <> 'completed' OR nsfw_flag IN ('safe', 'soft', 'erotic') OR (kind = 'voice' AND nsfw_flag = 'unknown')
    ),
    CHECK (message_id IS NULL OR used_by IS NOT NULL)
);
CREATE INDEX uploads_owner ON uploads (owner_id, created_at);
CREATE INDEX uploads_conversation ON uploads (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX uploads_companion ON uploads (companion_id) WHERE companion_id IS NOT NULL;
CREATE INDEX uploads_unused ON uploads (created_at) WHERE used_by IS NULL AND removed_at IS NULL;
CREATE INDEX uploads_tombstones ON uploads (url_expires_at) WHERE tombstone;

CREATE TABLE processing_jobs (
    id uuid PRIMARY KEY REFERENCES uploads (id) ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'failed')),
    run_at timestamptz NOT NULL DEFAULT now(),
    fence integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    waits integer NOT NULL DEFAULT 0,
    request_id text NOT NULL,
    traceparent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX processing_jobs_due ON processing_jobs (run_at) WHERE state = 'open';

CREATE TABLE objects (
    key text COLLATE "C" PRIMARY KEY,
    upload_id uuid NOT NULL REFERENCES uploads (id),
    role text NOT NULL CHECK (role IN ('full', 'rendition', 'poster', 'preview', 'original')),
    content_type text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    sha256 text NOT NULL,
    evidence boolean NOT NULL DEFAULT false,
    storage_class text NOT NULL DEFAULT 'STANDARD' CHECK (storage_class IN ('STANDARD', 'STANDARD_IA')),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX objects_upload ON objects (upload_id);
CREATE INDEX objects_warm ON objects (created_at) WHERE storage_class = 'STANDARD';

CREATE TABLE verdicts (
    sha256 text NOT NULL,
    policy_version text NOT NULL,
    flag text NOT NULL CHECK (flag IN ('safe', 'soft', 'erotic', 'blocked')),
    minor boolean NOT NULL,
    labels jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sha256, policy_version)
);

CREATE TABLE upload_stops (
    user_id uuid PRIMARY KEY,
    upload_id uuid NOT NULL REFERENCES uploads (id),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE companions (
    id uuid PRIMARY KEY,
    version bigint NOT NULL CHECK (version >= 0),
    is_active boolean NOT NULL
);

CREATE TABLE companion_surfaces (
    companion_id uuid PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0)
);

CREATE TABLE companion_media (
    id uuid PRIMARY KEY,
    companion_id uuid NOT NULL,
    upload_id uuid NOT NULL UNIQUE REFERENCES uploads (id),
    surface text NOT NULL CHECK (surface IN ('gallery', 'post', 'asset')),
    kind text NOT NULL CHECK (kind IN ('image', 'video')),
    text text NOT NULL DEFAULT '',
    location text,
    tags text[] NOT NULL DEFAULT '{}',
    premium_only boolean NOT NULL DEFAULT false,
    mature boolean NOT NULL DEFAULT false,
    can_be_liked boolean NOT NULL DEFAULT false,
    published boolean NOT NULL DEFAULT true,
    like_count integer NOT NULL DEFAULT 0 CHECK (like_count >= 0),
    removed_at timestamptz,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (surface = 'gallery' OR NOT premium_only),
    CHECK (surface = 'asset' OR NOT mature),
    CHECK (surface <> 'asset' OR NOT can_be_liked),
    CHECK (surface = 'post' OR location IS NULL)
);
CREATE INDEX companion_media_shown ON companion_media (companion_id, surface, id) WHERE removed_at IS NULL;

CREATE TABLE likes (
    media_id uuid NOT NULL REFERENCES companion_media (id),
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (media_id, user_id)
);

CREATE TABLE picks (
    reply_id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    companion_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('image', 'video')),
    tags text[] NOT NULL,
    missed_tags text[] NOT NULL,
    mature boolean NOT NULL,
    asset_id uuid REFERENCES companion_media (id),
    why jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('picked', 'none', 'dropped')),
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'none') = (asset_id IS NULL))
);
CREATE INDEX picks_companion ON picks (companion_id, reply_id);

CREATE TABLE asset_grants (
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    asset_id uuid NOT NULL REFERENCES companion_media (id),
    reply_id uuid NOT NULL REFERENCES picks (reply_id),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation_id, asset_id, reply_id)
);
CREATE UNIQUE INDEX asset_grants_reply ON asset_grants (reply_id);
"""


def up(migrator, db):
    db.execute_sql(DDL)
