"""What a file is by its first bytes, whatever it was announced as."""

from __future__ import annotations

import struct

_MP4_BRANDS = frozenset(
    {
        b"isom",
        b"iso2",
        b"iso3",
        b"iso4",
        b"iso5",
        b"iso6",
        b"iso7",
        b"iso8",
        b"iso9",
        b"mp41",
        b"mp42",
        b"mp71",
        b"avc1",
    }
) | {b"dash", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"f4v ", b"3gp4", b"3gp5", b"3gp6", b"hvc1", b"av01", b"XAVC"}
_EBML = b"\x1a\x45\xdf\xa3"
_DOC_TYPE = b"\x42\x82"


def sniff(data: bytes) -> str | None:
    """The content type among those that are taken at all, or None for anything else."""
    if data[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and data[8:12] in _MP4_BRANDS:
        return "video/mp4"
    if data[:4] == _EBML and _doc_type(data[:128]) == b"webm":
        return "video/webm"
    return None


def _doc_type(head: bytes) -> bytes:
    """The DocType of an EBML head; its length is one byte in every file that is not out to deceive."""
    at = head.find(_DOC_TYPE)
    if at < 0 or at + 3 > len(head) or not head[at + 2] & 0x80:
        return b""
    return head[at + 3 : at + 3 + (head[at + 2] & 0x7F)].rstrip(b"\0")


def png_frames(data: bytes) -> int:
    """How many frames a PNG announces: more than one makes it an animation (acTL stands before the first pixels)."""
    at = 8
    while at + 8 <= len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        if name == b"acTL" and at + 12 <= len(data):
            return int(struct.unpack(">I", data[at + 8 : at + 12])[0])
        if name in (b"IDAT", b"IEND"):
            break
        at += 12 + length
    return 1
