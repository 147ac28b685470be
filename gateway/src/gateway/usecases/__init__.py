"""What the gateway does with accounts, sessions and the stream."""
