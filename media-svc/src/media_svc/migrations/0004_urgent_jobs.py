"""Jobs of what was taken down are found apart from files that wait to be decoded."""

DDL = """
ALTER TABLE processing_jobs ADD COLUMN urgent boolean NOT NULL DEFAULT false;
CREATE INDEX processing_jobs_urgent ON processing_jobs (run_at) WHERE state = 'open' AND urgent;
"""


def up(migrator, db):
    db.execute_sql(DDL)
