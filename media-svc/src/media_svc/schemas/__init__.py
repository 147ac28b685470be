"""Bodies and answers of media-svc."""
