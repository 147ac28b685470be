"""Good videos come back as H.264 and AAC that start at once, upright, and without a byte of where they were made."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
import pyvips

from media_svc.adapters.decoding import SandboxedDecoder
from media_svc.ports import Rejected
from tests.corpus import samples
from tests.media_svc.decoding_kit import UPRIGHT, corners, decode, everything, full

VIDEOS = {
    "mp4": ("video/mp4", samples.mp4),
    "silent mp4": ("video/mp4", lambda: samples.mp4(audio=False)),
    "hevc mp4": ("video/mp4", lambda: samples.mp4(codec="libx265")),
    "vp8 webm": ("video/webm", samples.webm),
    "vp9 webm": ("video/webm", lambda: samples.webm(vp9=True)),
}


@pytest.fixture(scope="module")
def decoder() -> Iterator[SandboxedDecoder]:
    sandboxed = SandboxedDecoder()
    yield sandboxed
    sandboxed.close()


def read(data: bytes) -> tuple[list[Any], Any]:
    """Frames and the facts of a video."""
    with av.open(io.BytesIO(data)) as container:
        video = container.streams.video[0]
        frames = list(container.decode(video))
        sounds = [stream.codec_context.name for stream in container.streams.audio]
        facts = {
            "codec": video.codec_context.name,
            "format": video.codec_context.pix_fmt,
            "sounds": sounds,
            "metadata": container.metadata,
            "seconds": (container.duration or 0) / av.time_base,
        }
    return frames, facts


def as_picture(frame: Any) -> pyvips.Image:
    return samples.image(frame.to_ndarray(format="rgb24"))


@pytest.mark.parametrize("name", VIDEOS)
def test_a_video_comes_back_playable_and_stripped(name: str, decoder: SandboxedDecoder, tmp_path: Path) -> None:
    content_type, make = VIDEOS[name]
    original = make()
    assert samples.CANARY in original
    decoded = decode(decoder, tmp_path, original, content_type)
    made = full(decoded)
    data = Path(made.path).read_bytes()
    frames, facts = read(data)
    assert (made.name, made.content_type) == ("full.mp4", "video/mp4")
    assert (facts["codec"], facts["format"], len(frames)) == ("h264", "yuv420p", 50)
    assert facts["sounds"] == ([] if name.startswith("silent") else ["aac"])
    assert facts["seconds"] == pytest.approx(2, abs=0.1)
    assert decoded.duration_ms == pytest.approx(2_000, abs=60)
    assert corners(as_picture(frames[30])) == UPRIGHT
    assert data.index(b"moov") < data.index(b"mdat")
    assert samples.CANARY not in everything(decoded)
    assert set(facts["metadata"]) <= {"major_brand", "minor_version", "compatible_brands"}
    assert b"x264" not in data


@pytest.mark.parametrize(("rotation", "top_left"), [(90, "bottom-left"), (180, "bottom-right"), (270, "top-right")])
def test_a_video_is_turned_as_its_camera_says(
    rotation: int, top_left: str, decoder: SandboxedDecoder, tmp_path: Path
) -> None:
    decoded = decode(decoder, tmp_path, samples.mp4(0.4, 10, (320, 180), rotation=rotation, audio=False), "video/mp4")
    frames, _facts = read(Path(full(decoded).path).read_bytes())
    assert (decoded.width, decoded.height) == ((320, 180) if rotation == 180 else (180, 320))
    assert (frames[0].width, frames[0].height, frames[0].rotation) == (decoded.width, decoded.height, 0)
    assert corners(as_picture(frames[0]))["top-left"] == top_left


def test_the_poster_is_the_first_frame_that_is_not_black(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    data = samples.video(1, 10, (320, 180), container="mp4", codecs=("libx264", None), black_start=4)
    decoded = decode(decoder, tmp_path, data, "video/mp4")
    poster = next(file for file in decoded.files if file.role == "poster")
    assert (poster.name, poster.width, poster.height) == ("poster.webp", 320, 180)
    assert corners(pyvips.Image.new_from_file(poster.path)) == UPRIGHT
    first = pyvips.Image.new_from_file(decoded.frames[0])
    assert first.avg() < 5  # the policy check sees the black ones too


def test_the_check_sees_frames_over_the_whole_length_and_a_scene_between_them(
    decoder: SandboxedDecoder, tmp_path: Path
) -> None:
    plain = samples.video(6, 10, (160, 90), container="mp4", codecs=("libx264", None), black_start=60)
    assert len(decode(decoder, tmp_path, plain, "video/mp4").frames) == 16
    folder = tmp_path / "cut"
    folder.mkdir()
    cut = samples.video(6, 10, (160, 90), container="mp4", codecs=("libx264", None), black_start=33)
    decoded = decode(decoder, folder, cut, "video/mp4")
    brightness = [pyvips.Image.new_from_file(frame).avg() for frame in decoded.frames]
    assert 17 <= len(brightness) == len(decoded.pdq) <= 24
    assert (brightness[0] < 5, brightness[-1] > 50) == (True, True)


def test_a_video_may_be_half_a_second_too_long_and_no_more(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    data = samples.mp4(2.4, 10, (96, 64), audio=False)
    assert decode(decoder, tmp_path, data, "video/mp4", max_duration_ms=2_000).duration_ms == 2_400
    folder = tmp_path / "again"
    folder.mkdir()
    with pytest.raises(Rejected) as refused:
        decode(decoder, folder, samples.mp4(2.7, 10, (96, 64), audio=False), "video/mp4", max_duration_ms=2_000)
    assert refused.value.code == "too-long"


def test_a_large_video_is_made_smaller(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    data = samples.mp4(0.2, 10, (2560, 1080), audio=False)
    decoded = decode(decoder, tmp_path, data, "video/mp4")
    assert (decoded.width, decoded.height) == (1920, 810)
