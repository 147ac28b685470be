"""The pictures of a companion may be uploaded before it is made; their use says whose they are."""

DDL = """
ALTER TABLE uploads DROP CONSTRAINT uploads_check1;
ALTER TABLE uploads ADD CHECK (
    purpose = 'companion_media' AND companion_id IS NOT NULL
    OR purpose IN ('companion_profile', 'companion_background') AND (companion_id IS NOT NULL OR used_by IS NULL)
    OR purpose IN ('chat', 'avatar') AND companion_id IS NULL
);
"""


def up(migrator, db):
    db.execute_sql(DDL)
