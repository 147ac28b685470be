"""ai-svc: companions, reply jobs and the models that answer."""
