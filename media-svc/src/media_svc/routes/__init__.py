"""The public routes of media-svc."""
