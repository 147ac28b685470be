"""gateway: accounts and sessions, routing to the other services, the stream, the documents."""
