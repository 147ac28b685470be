"""Companions, reply requests and reply jobs, and the tables of the outbox and the inbox."""

from chassis import inbox, jobs, outbox

DDL = f"""
CREATE TABLE companions (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    name_folded text NOT NULL,
    age integer NOT NULL CHECK (age >= 18),
    bio text NOT NULL DEFAULT '',
    persona_prompt text,
    voice_id text,
    avatar_key text,
    background_key text,
    is_active boolean NOT NULL DEFAULT true,
    gallery_count integer NOT NULL DEFAULT 0 CHECK (gallery_count >= 0),
    posts_count integer NOT NULL DEFAULT 0 CHECK (posts_count >= 0),
    assets_count integer NOT NULL DEFAULT 0 CHECK (assets_count >= 0),
    version integer NOT NULL DEFAULT 1,
    announced_engine text NOT NULL CHECK (announced_engine IN ('model', 'offline')),
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE reply_jobs (
    id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    companion_id uuid NOT NULL,
    {jobs.COLUMNS.strip()},
    waits integer NOT NULL DEFAULT 0,
    outcome text CHECK (outcome IN ('reply', 'failure')),
    text text,
    engine text CHECK (engine IN ('model', 'offline')),
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CHECK ((state = 'open') = (finished_at IS NULL)),
    CHECK ((text IS NOT NULL) = (state = 'open' AND outcome IS NOT NULL AND outcome = 'reply'))
);
CREATE INDEX reply_jobs_due ON reply_jobs (run_at) WHERE state = 'open';
CREATE UNIQUE INDEX reply_jobs_one_open ON reply_jobs (conversation_id) WHERE state = 'open';
CREATE INDEX reply_jobs_finished ON reply_jobs (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE reply_requests (
    id uuid PRIMARY KEY,
    reply_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    companion_id uuid NOT NULL,
    message_ids uuid[] NOT NULL CHECK (cardinality(message_ids) > 0),
    admission_id uuid NOT NULL,
    generation integer NOT NULL,
    job_id uuid REFERENCES reply_jobs (id) ON DELETE CASCADE,
    request_id text NOT NULL,
    traceparent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX reply_requests_reply_id ON reply_requests (reply_id);
CREATE INDEX reply_requests_waiting ON reply_requests (conversation_id, created_at) WHERE job_id IS NULL;
CREATE INDEX reply_requests_job ON reply_requests (job_id) WHERE job_id IS NOT NULL;
"""


def up(migrator, db):
    db.execute_sql(DDL)
    db.execute_sql(outbox.DDL)
    db.execute_sql(inbox.DDL)
