"""Media: sends of a user's own media counted by the day, and what replies with media spent."""

DDL = """
ALTER TABLE admissions DROP CONSTRAINT admissions_spent_check;
ALTER TABLE admissions ADD CONSTRAINT admissions_spent_check CHECK (spent IN ('nothing', 'text', 'media'));

CREATE TABLE media_days (
    user_id uuid NOT NULL,
    day date NOT NULL,
    sends integer NOT NULL CHECK (sends >= 0),
    PRIMARY KEY (user_id, day)
);
CREATE INDEX media_days_day ON media_days (day);

CREATE TABLE spends (
    id uuid PRIMARY KEY,
    user_id uuid,
    companion_id uuid,
    conversation_id uuid,
    kind varchar(10) CHECK (kind IN ('image', 'video', 'voice')),
    spent varchar(10) NOT NULL,
    state varchar(10) NOT NULL DEFAULT 'spent' CHECK (state IN ('spent', 'returned')),
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (spent = 'nothing' OR spent = CASE kind WHEN 'voice' THEN 'audio' ELSE 'media' END),
    CHECK (num_nulls(user_id, companion_id, conversation_id, kind) = 0 OR (state = 'returned' AND spent = 'nothing'))
);
CREATE INDEX spends_quota ON spends (user_id, companion_id);
"""


def up(migrator, db):
    db.execute_sql(DDL)
