"""What the gateway uses and does not own: bot-check providers, password hashing."""
