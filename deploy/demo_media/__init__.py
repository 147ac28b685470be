"""Pictures and clips for the demo companions, drawn by our own code: from the same seed always the same."""
