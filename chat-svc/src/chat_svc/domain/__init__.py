"""The rules of the chat on plain values."""
