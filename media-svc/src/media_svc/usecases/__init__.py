"""What media-svc does. Each capability is a class that gets its collaborators."""
