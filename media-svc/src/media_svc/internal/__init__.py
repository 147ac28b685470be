"""What neighbours ask of media-svc. These routes call no other service."""
