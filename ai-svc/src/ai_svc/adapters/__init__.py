"""What answers for companions: model endpoints over HTTP, and the offline companion."""
