"""chat-svc: conversations, messages, read markers, and the replies that companions give."""
