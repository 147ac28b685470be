"""Statements of chat-svc. They run on the connection or transaction that the use case has open."""
