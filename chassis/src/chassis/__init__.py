"""What every service stands on: HTTP, events, database, identity, logs. It knows no product word."""
