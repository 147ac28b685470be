"""Rules of the companion service on plain values: prompts, decisions, the offline companion."""
