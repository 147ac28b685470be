"""Accounts, sessions, bot checks, counters of limits, outbox and inbox."""

from chassis import inbox, outbox

DDL = """
CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (email = lower(email)),
    password_hash text NOT NULL,
    birth_date date,
    role text CHECK (role IN ('admin', 'moderator')),
    username text NOT NULL CHECK (username ~ '^[A-Za-z0-9_.]{3,30}$'),
    username_key text NOT NULL,
    name text,
    country text CHECK (country ~ '^[A-Z]{2}$'),
    avatar_key text,
    earn_on boolean NOT NULL DEFAULT false,
    mature_opt_in boolean NOT NULL DEFAULT false,
    banned_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (username_key = lower(username))
);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE UNIQUE INDEX users_username_key ON users (username_key);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    cookie_hash bytea,
    user_agent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user_id ON sessions (user_id);
CREATE UNIQUE INDEX sessions_cookie_hash ON sessions (cookie_hash);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    token_hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    rotated_at timestamptz
);
CREATE INDEX refresh_tokens_session_id ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);

CREATE TABLE spent_bot_tokens (
    fingerprint bytea PRIMARY KEY,
    spent_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX spent_bot_tokens_spent_at ON spent_bot_tokens (spent_at);

CREATE TABLE bot_verdicts (
    check_id uuid PRIMARY KEY,
    accepted boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bot_verdicts_created_at ON bot_verdicts (created_at);

CREATE TABLE limit_counters (
    name text NOT NULL,
    key text NOT NULL,
    began_at timestamptz NOT NULL DEFAULT now(),
    hits integer NOT NULL CHECK (hits >= 0),
    PRIMARY KEY (name, key)
);
CREATE INDEX limit_counters_began_at ON limit_counters (began_at);
"""


def up(migrator, db):
    db.execute_sql(DDL)
    db.execute_sql(outbox.DDL)
    db.execute_sql(inbox.DDL)
