"""What every look at a companion's media and every new upload asks: found without reading what has gathered."""

DDL = """
CREATE INDEX asset_grants_seen ON asset_grants (user_id, asset_id);
CREATE INDEX uploads_open ON uploads (owner_id)
    WHERE removed_at IS NULL AND status IN ('uploading', 'processing');
"""


def up(migrator, db):
    db.execute_sql(DDL)
