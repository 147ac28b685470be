"""Opens what users upload in processes that can do nothing but compute (MEDIA-3)."""

from media_svc.adapters.decoding.sandboxed import SandboxedDecoder

__all__ = ["SandboxedDecoder"]
