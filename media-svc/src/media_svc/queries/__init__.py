"""The reads and guarded statements of media-svc."""
