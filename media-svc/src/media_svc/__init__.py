"""media-svc: uploads, objects, policy verdicts, companion media and signing."""
