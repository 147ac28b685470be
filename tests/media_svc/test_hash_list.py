"""The known-bad hash list: what matches it, and that a broken one lets nothing through."""

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import cv2
import drawn_pictures
import numpy as np
import pdqhash
import pytest

from chassis.config import ConfigError
from media_svc.adapters.hash_list import FileHashList, hash_list_of, read_hashes
from media_svc.config import PolicyConfig
from media_svc.ports import CheckUnavailable

A, B, C = (hashlib.sha256(name).hexdigest() for name in (b"a", b"b", b"c"))


def settled(path: Path, text: str) -> Path:
    """Written as if some time ago, in another inode than before."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    past = time.time() - 60
    os.utime(fresh, (past, past))
    fresh.replace(path)
    return path


def listed(tmp_path: Path, *lines: str) -> FileHashList:
    return FileHashList(settled(tmp_path / "hashes.txt", "\n".join(lines) + "\n"))


def pdq_of(pixels: Any) -> str:
    bits, _quality = pdqhash.compute(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
    return np.packbits(bits).tobytes().hex()


def flipped(pdq: str, bits: int) -> str:
    """With so many bits changed."""
    return f"{int(pdq, 16) ^ ((1 << bits) - 1):064x}"


def test_without_a_setting_nothing_is_on_the_list() -> None:
    assert not hash_list_of(PolicyConfig("nudenet", None, None, None)).matches([A], [A])


def test_a_listed_sha256_matches_in_either_case(tmp_path: Path) -> None:
    hashes = listed(tmp_path, "# known", "", f"sha256:{A}", f"SHA256:{B.upper()}\r")
    assert hashes.matches([C, A], [])
    assert hashes.matches([B], [])
    assert not hashes.matches([C], [])
    assert not hashes.matches([], [A])


def test_a_pdq_hash_matches_up_to_31_bits_unless_said_otherwise(tmp_path: Path) -> None:
    hashes = listed(tmp_path, f"pdq:{A}")
    assert hashes.matches([], [A])
    assert hashes.matches([], [C, flipped(A, 31)])
    assert not hashes.matches([], [flipped(A, 32)])
    assert not hashes.matches([A], [])


def test_a_line_may_give_its_own_distance(tmp_path: Path) -> None:
    hashes = listed(tmp_path, f"pdq:{A}:0", f"pdq:{B}:60")
    assert hashes.matches([], [A])
    assert not hashes.matches([], [flipped(A, 1)])
    assert hashes.matches([], [flipped(B, 60)])
    assert not hashes.matches([], [flipped(B, 61)])


def test_a_picture_is_found_again_after_encoding_and_resizing_and_others_are_not(tmp_path: Path) -> None:
    original = drawn_pictures.hills(7, width=1200, height=900)
    hashes = listed(tmp_path, f"pdq:{pdq_of(original)}")
    smaller = cv2.resize(original, (500, 375), interpolation=cv2.INTER_AREA)
    _written, encoded = cv2.imencode(".jpg", smaller, [cv2.IMWRITE_JPEG_QUALITY, 35])
    assert hashes.matches([], [pdq_of(cv2.imdecode(encoded, cv2.IMREAD_COLOR))])
    others = [pdq_of(drawn_pictures.hills(seed, width=1200, height=900)) for seed in range(20, 40)]
    assert not hashes.matches([], others)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    hashes = listed(tmp_path, f"sha256:{A}")
    assert not hashes.matches([B], [])
    settled(tmp_path / "hashes.txt", f"sha256:{B}\n")
    assert hashes.matches([B], [])
    assert not hashes.matches([A], [])


def test_a_file_written_this_moment_is_read_once_it_has_settled(tmp_path: Path) -> None:
    hashes = listed(tmp_path, f"sha256:{A}")
    assert hashes.matches([A], [])
    with (tmp_path / "hashes.txt").open("a") as file:
        file.write(f"sha256:{B}\n")
    assert hashes.matches([B], [])


@pytest.mark.parametrize(
    "line",
    ["sha256:", f"sha256:{A[:-1]}", f"sha256:{A}0", f"md5:{A[:32]}", A, f"pdq:{A}:", f"pdq:{A}:x", f"pdq:{A}:128",
     f"pdq:{A}:-1", f"pdq:{A[:-2]}", f"pdq:{A[:-1]}g", f"sha256:{A}:3", f"sha256:{A} {B}", "pdq", f"sha256: {A}"],
)  # fmt: skip
def test_a_line_that_is_no_hash_makes_the_whole_list_unusable(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match="line 3"):
        read_hashes([f"sha256:{A}", "# comment", line])
    hashes = listed(tmp_path, f"sha256:{A}", line)
    for given in ([A], [B]):
        with pytest.raises(CheckUnavailable):
            hashes.matches(given, [])


def test_a_list_that_breaks_lets_nothing_through_until_it_is_mended(tmp_path: Path) -> None:
    hashes = listed(tmp_path, f"sha256:{A}")
    assert not hashes.matches([B], [])
    settled(tmp_path / "hashes.txt", f"sha256:{A}\nsha256:{B[:20]}\n")
    for _ in range(2):
        with pytest.raises(CheckUnavailable):
            hashes.matches([C], [])
    settled(tmp_path / "hashes.txt", f"sha256:{A}\nsha256:{B}\n")
    assert hashes.matches([B], [])
    assert not hashes.matches([C], [])


def test_an_empty_a_missing_and_a_binary_file_let_nothing_through(tmp_path: Path) -> None:
    hashes = listed(tmp_path, f"sha256:{A}")
    path = tmp_path / "hashes.txt"
    settled(path, "")
    with pytest.raises(CheckUnavailable):
        hashes.matches([B], [])
    path.unlink()
    with pytest.raises(CheckUnavailable):
        hashes.matches([B], [])
    settled(path, f"sha256:{A}\n\u00e4\n")
    with pytest.raises(CheckUnavailable):
        hashes.matches([B], [])
    settled(path, "# nothing yet\n")
    assert not hashes.matches([A], [])


@pytest.mark.parametrize("text", [None, "", "nonsense\n", f"sha256:{A}\npdq:{B}:200\n"])
def test_a_service_does_not_start_with_an_unusable_list(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "hashes.txt"
    if text is not None:
        settled(path, text)
    with pytest.raises(ConfigError, match="MEDIA_HASHLIST"):
        hash_list_of(PolicyConfig("nudenet", None, None, path))


def test_a_hundred_thousand_hashes_are_searched_at_once(tmp_path: Path) -> None:
    chance = np.random.default_rng(4)
    many = [chance.bytes(32).hex() for _ in range(100_000)]
    path = tmp_path / "hashes.txt"
    settled(path, "".join(f"pdq:{one}\n" for one in many))
    began = time.perf_counter()
    hashes = hash_list_of(PolicyConfig("nudenet", None, None, path))
    read_s = time.perf_counter() - began
    frames = [chance.bytes(32).hex() for _ in range(9)]
    began = time.perf_counter()
    assert not hashes.matches([A], frames)
    assert hashes.matches([A], [*frames, flipped(many[77_777], 31)])
    search_s = time.perf_counter() - began
    print(f"100,000 hashes: read in {read_s * 1000:.0f} ms, 19 frames searched in {search_s * 1000:.1f} ms")
    assert search_s < 5.0
