"""Bodies and answers of chat-svc."""
