"""The rules of media, without any I/O."""
