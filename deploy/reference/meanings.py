"""What each setting means, in the words of the README. A setting without a line here is refused by the generator."""

from __future__ import annotations

SERVICE_SETTINGS: dict[str, str] = {
    "DATABASE_URL": "PostgreSQL server; each service uses a database of its own on it. `duet run` without it: embedded",
    "BUS_URL": "`amqp://…`, or `memory:` in the embedded host",
    "DUET_ENV": "`development`, `test` or `production`, which refuses development settings at start",
    "SERVICE_KEY": "this service's Ed25519 private key (PEM). `duet run` makes one",
    "SERVICE_PUBLIC_KEYS": "JWKS of all five services (`kid` = service). `duet run` makes it",
    "SECRET_KEY": "for cursors, CSRF and cookies, at least 32 characters. `duet run` makes one",
    "LOG_LEVEL": "`debug`, `info`, `warning` or `error`",
    "DATABASE_POOL": "connections per process",
    "RATE_LIMIT_FACTOR": "scales every rate limit; 0 switches them off, outside production",
    "GATEWAY_URL": "where the gateway is (not used by `duet run`, like the four below)",
    "MEDIA_URL": "where media-svc is",
    "CHAT_URL": "where chat-svc is",
    "AI_URL": "where ai-svc is",
    "QUOTA_URL": "where quota-svc is",
    "SITE_URL": "public origin, for links, cookies, CSRF and uploads; https in production",
    "TRUSTED_PROXIES": "how many proxies of yours stand in front and add to `X-Forwarded-For`",
    "DUET_BOT_CHECK": "`off` accepts any bot token, for tests; refused in production",
    "ALTCHA_HMAC_KEY": "signs the proof-of-work challenges; default: derived from `SECRET_KEY`",
    "TURNSTILE_SECRET_KEY": "set: Cloudflare Turnstile instead of ALTCHA",
    "TURNSTILE_SITE_KEY": "its public half, needed with the secret",
    "TURNSTILE_VERIFY_URL": "where Turnstile tokens are verified",
    "LLM_BASE_URL_PRIMARY": "OpenAI-compatible endpoint, with or without `/v1`. Unset: offline companion engine",
    "LLM_API_KEY_PRIMARY": "its key, where it wants one",
    "LLM_MODEL_PRIMARY": "its model, needed with the address",
    "LLM_BASE_URL_FALLBACK": "the endpoint that is tried next",
    "LLM_API_KEY_FALLBACK": "its key",
    "LLM_MODEL_FALLBACK": "its model",
    "LLM_TEMPERATURE": "sampling temperature",
    "LLM_MAX_TOKENS": "longest answer",
    "LLM_BUDGET_SECONDS": "for one reply, all tries together; at most 28",
    "REPLY_WORKERS": "replies written at the same time, per worker process",
    "AWS_S3_BUCKET": "private bucket for media. Unset: a local folder with the same rules",
    "AWS_REGION": "its region",
    "AWS_ENDPOINT_URL_S3": "an S3-compatible server that is not AWS",
    "AWS_ACCESS_KEY_ID": "its credentials; unset: what the machine's role gives",
    "AWS_SECRET_ACCESS_KEY": "the other half",
    "MEDIA_FOLDER": "the folder of the local store; `duet run`: `media` in `DUET_HOME`",
    "CF_DOMAIN": "CloudFront distribution that serves the bucket. Unset: media-svc is the edge itself",
    "CF_KEY_PAIR_ID": "which public key CloudFront verifies signatures with",
    "CF_PRIVATE_KEY": "RSA or ECDSA P-256 key (PEM) that signs URLs; unset: derived, which production refuses",
    "CF_DISTRIBUTION_ID": "set: taken-down media is invalidated there",
    "MEDIA_CLASSIFIER": "`nudenet` (in the box), `rekognition` or `http`",
    "NSFW_API_URL": "the endpoint of the `http` classifier",
    "NSFW_API_KEY": "its bearer key",
    "MEDIA_HASHLIST": "file of known-bad hashes: lines `sha256:…` and `pdq:…[:distance]`, re-read when it changes",
    "PROCESSING_WORKERS": "uploads processed at the same time, per worker process",
}
"""Read by the `config` modules of the chassis and the services."""

HOST_SETTINGS: dict[str, str] = {
    "PORT": "port of `duet run` (8080) and of `duet web`",
    "DUET_HOME": "data folder of `duet run` (`.duet`)",
    "DEMO_MEDIA": "`off`: the demo companions get no pictures and clips",
    "DUET_PASSWORD": "password for `duet chat --email`",
    "HOST": "address that `duet web` and `duet worker` listen on (0.0.0.0)",
    "WORKER_PORT": "health and metrics of `duet worker`; unset: none",
    "WEB_WORKERS": "processes of `duet web` (2)",
    "WEB_THREADS": "threads of each (16; the gateway has none)",
    "AMQP_URL": "RabbitMQ for the tests, instead of finding or starting one",
    "AMQP_MANAGEMENT_URL": "its management API, where not on port 15672",
}
"""Read by the hosts, besides those above."""

SET_BY_HOSTS = frozenset({"DUET_SERVICE"})
"""What hosts tell each other; nobody else sets it."""

EXAMPLES: dict[str, str] = {
    "TURNSTILE_SECRET_KEY": "example",
    "TURNSTILE_SITE_KEY": "example",
    "LLM_BASE_URL_PRIMARY": "http://127.0.0.1:1",
    "LLM_MODEL_PRIMARY": "example",
    "LLM_BASE_URL_FALLBACK": "http://127.0.0.1:1",
    "LLM_MODEL_FALLBACK": "example",
}
"""Values that make the `config` modules read further settings."""
