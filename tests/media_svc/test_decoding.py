"""Good pictures come back viewable, upright, in sRGB and without a byte of what was beside their pixels."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import pyvips

from media_svc.adapters.decoding import SandboxedDecoder
from media_svc.ports import Rejected
from tests.corpus import samples
from tests.media_svc.decoding_kit import UPRIGHT, corners, decode, everything, full

PICTURES = {
    "jpeg": ("image/jpeg", samples.jpeg),
    "png": ("image/png", samples.png),
    "16-bit png": ("image/png", lambda: samples.png(bits=16)),
    "palette png": ("image/png", lambda: samples.png(palette=True)),
    "webp": ("image/webp", samples.webp),
    "lossless webp": ("image/webp", lambda: samples.webp(lossless=True)),
}


@pytest.fixture(scope="module")
def decoder() -> Iterator[SandboxedDecoder]:
    sandboxed = SandboxedDecoder()
    yield sandboxed
    sandboxed.close()


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_comes_back_viewable_and_stripped(name: str, decoder: SandboxedDecoder, tmp_path: Path) -> None:
    content_type, make = PICTURES[name]
    data = make()
    assert samples.CANARY in data
    decoded = decode(decoder, tmp_path, data, content_type)
    made = full(decoded)
    picture = pyvips.Image.new_from_file(made.path)
    assert (made.name, made.content_type) == ("full.jpg", "image/jpeg")
    assert (picture.width, picture.height) == (made.width, made.height) == (decoded.width, decoded.height)
    assert corners(picture) == UPRIGHT
    assert (picture.bands, picture.format, picture.interpretation) == (3, "uchar", "srgb")
    written = everything(decoded)
    for trace in (samples.CANARY, b"Exif\0", b"EXIF", b"xmpmeta", b"ICC_PROFILE", b"ICCP"):
        assert trace not in written


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_is_turned_as_its_camera_says(orientation: int, decoder: SandboxedDecoder, tmp_path: Path) -> None:
    decoded = decode(decoder, tmp_path, samples.jpeg(600, 400, orientation=orientation), "image/jpeg")
    assert (decoded.width, decoded.height) == (600, 400)
    for made in decoded.files:
        if made.role != "preview":
            assert corners(pyvips.Image.new_from_file(made.path)) == UPRIGHT


def test_renditions_are_those_that_are_narrower(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    decoded = decode(decoder, tmp_path, samples.jpeg(1600, 1200), "image/jpeg")
    made = {file.name: (file.role, file.width, file.height) for file in decoded.files}
    assert made == {
        "full.jpg": ("full", 1600, 1200),
        "1280.webp": ("rendition", 1280, 960),
        "720.webp": ("rendition", 720, 540),
        "320.webp": ("rendition", 320, 240),
        "preview.webp": ("preview", 64, 48),
    }
    for file in decoded.files:
        data = Path(file.path).read_bytes()
        assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        picture = pyvips.Image.new_from_buffer(data, "")
        assert (picture.width, picture.height) == (file.width, file.height)


def test_a_narrow_picture_has_one_rendition_of_its_own_width(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    decoded = decode(decoder, tmp_path, samples.jpeg(200, 300), "image/jpeg")
    renditions = [(file.name, file.width, file.height) for file in decoded.files if file.role == "rendition"]
    assert renditions == [("320.webp", 200, 300)]


def test_transparency_stays_and_is_checked_over_white_and_over_black(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    decoded = decode(decoder, tmp_path, samples.png(alpha=True), "image/png")
    made = full(decoded)
    picture = pyvips.Image.new_from_file(made.path)
    assert (made.name, picture.hasalpha()) == ("full.webp", True)
    assert picture(picture.width // 2, picture.height // 2)[3] == 0
    middles = [frame(frame.width // 2, frame.height // 2) for frame in map(pyvips.Image.new_from_file, decoded.frames)]
    assert [round(sum(middle) / 3, -1) for middle in middles] == [260, 0]


def test_a_huge_transparent_picture_never_becomes_many_times_its_size(
    decoder: SandboxedDecoder, tmp_path: Path
) -> None:
    place = pyvips.Image.xyz(8_000, 6_200)
    busy = (place[0] * 255 / 8_000).bandjoin([place[1] * 255 / 6_200, (place[0] + place[1]) % 256, place[0] % 256])
    data = busy.cast("uchar").copy(interpretation="srgb").webpsave_buffer(Q=50, effort=0)
    made = full(decode(decoder, tmp_path, data, "image/webp"))
    assert (made.width, made.height) == (8_000, 6_200)
    assert made.size < 10 * len(data)


def test_an_alpha_channel_that_hides_nothing_is_dropped(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    pixels = np.concatenate([samples.scene(200, 100), np.full((100, 200, 1), 255, np.uint8)], axis=2)
    decoded = decode(decoder, tmp_path, bytes(samples.image(pixels).pngsave_buffer()), "image/png")
    assert (full(decoded).name, len(decoded.frames)) == ("full.jpg", 1)


def test_the_colours_of_print_become_those_of_screens(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    ink = samples.image(samples.scene(300, 200)).icc_transform("cmyk", input_profile="srgb")
    picture = pyvips.Image.new_from_file(full(decode(decoder, tmp_path, ink.jpegsave_buffer(), "image/jpeg")).path)
    assert (picture.bands, picture.interpretation) == (3, "srgb")
    assert corners(picture) == UPRIGHT


def test_a_wide_gamut_profile_is_applied_and_left_out(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    wide = samples.image(samples.scene(300, 200)).icc_transform("p3", input_profile="srgb")
    data = bytes(wide.jpegsave_buffer(Q=95))
    made = full(decode(decoder, tmp_path, data, "image/jpeg"))
    stored, seen = pyvips.Image.new_from_buffer(data, "")(20, 20), pyvips.Image.new_from_file(made.path)(20, 20)
    wanted = samples.CORNERS["top-left"]
    assert max(abs(a - b) for a, b in zip(seen, wanted, strict=True)) < 8
    assert max(abs(a - b) for a, b in zip(stored, wanted, strict=True)) > 15
    assert b"ICC_PROFILE" not in Path(made.path).read_bytes()


def test_the_preview_shows_no_detail(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    stripes = np.zeros((640, 640, 3), np.uint8)
    stripes[:, ::40] = stripes[:, 10::40] = stripes[:, 20::40] = 255
    decoded = decode(decoder, tmp_path, samples.plain_jpeg(stripes), "image/jpeg")
    preview = next(file for file in decoded.files if file.role == "preview")
    picture = pyvips.Image.new_from_file(preview.path)
    assert (preview.name, max(picture.width, picture.height)) == ("preview.webp", 64)
    assert picture.crop(16, 16, 32, 32).deviate() < 12


def test_hashes_are_the_same_for_the_same_scene_and_far_apart_for_another(
    decoder: SandboxedDecoder, tmp_path: Path
) -> None:
    hashes = []
    for number, data in enumerate(
        [samples.jpeg(800, 600), samples.jpeg(1200, 900, quality=60), samples.jpeg(800, 600, seed=9)]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        decoded = decode(decoder, folder, data, "image/jpeg")
        assert re.fullmatch("[0-9a-f]{64}", decoded.pdq[0])
        assert len(decoded.blurhash) == 28
        hashes.append(int(decoded.pdq[0], 16))
    first, same, other = hashes
    assert (first ^ same).bit_count() <= 31 < (first ^ other).bit_count()


def test_of_a_long_strip_every_stretch_is_checked(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    decoded = decode(decoder, tmp_path, samples.jpeg(300, 3000), "image/jpeg")
    sides = [(frame.width, frame.height) for frame in map(pyvips.Image.new_from_file, decoded.frames)]
    assert sides[0] == (128, 1280)
    assert len(sides) == 11
    assert min(min(side) for side in sides[1:]) >= 300


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (samples.png(), "type-mismatch"),
        (b"<!doctype html><p>hello", "type-mismatch"),
        (b"GIF89a" + bytes(50), "type-mismatch"),
        (samples.jpeg()[:40_000], "undecodable"),
        (bytes(11 * 1_048_576), "too-large"),
        (samples.plain_jpeg(np.full((7_100, 7_100, 3), 99, np.uint8), 30), "too-many-pixels"),
    ],
    ids=["png", "html", "gif", "cut off", "too large", "50.4 megapixels"],
)
def test_what_is_no_sound_jpeg_is_refused_with_its_reason(
    data: bytes, code: str, decoder: SandboxedDecoder, tmp_path: Path
) -> None:
    with pytest.raises(Rejected) as refused:
        decode(decoder, tmp_path, data, "image/jpeg")
    assert refused.value.code == code
    assert list((tmp_path / "made").iterdir()) == []
