"""The demo media as it is drawn: always the same, of the promised sizes, and what each companion has of it."""

from __future__ import annotations

import io

import av
import pytest
import pyvips

from deploy.demo_media.collection import ALBUMS
from deploy.demo_media.render import CLIP_SIZE, clip, picture


@pytest.mark.parametrize("name", ALBUMS)
def test_a_companion_has_media_on_every_surface(name: str) -> None:
    media = ALBUMS[name].media
    gallery, posts, assets = ([one for one in media if one.surface == kind] for kind in ("gallery", "post", "asset"))
    assert [one.premium_only for one in gallery] == [False, False, True]
    assert len(posts) == 2
    assert all(one.location for one in posts)
    assert 4 <= len(assets) <= 6
    assert [one.mature for one in assets].count(True) == 1
    assert any(one.seconds for one in assets)
    assert all(one.text and one.tags for one in media)
    assert len({(one.surface, one.name) for one in media}) == len(media)


@pytest.mark.parametrize("name", ALBUMS)
def test_every_picture_can_be_drawn_and_is_the_same_at_every_time(name: str) -> None:
    album = ALBUMS[name]
    for scene in (album.avatar, album.background, *(one.scene for one in album.media)):
        drawn = picture(scene, (160, 200), name)
        assert drawn == picture(scene, (160, 200), name)
        decoded = pyvips.Image.new_from_buffer(drawn, "")
        assert (decoded.width, decoded.height) == (160, 200)
        assert decoded.deviate() > 8


def test_a_clip_moves_and_sounds_and_is_the_same_at_every_time() -> None:
    medium = next(one for one in ALBUMS["Theo"].media if one.seconds is not None)
    assert medium.seconds is not None
    drawn = clip(medium.scene, "Theo", seconds=1.0, tone=medium.tone)
    assert drawn == clip(medium.scene, "Theo", seconds=1.0, tone=medium.tone)
    with av.open(io.BytesIO(drawn)) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    with av.open(io.BytesIO(drawn)) as container:
        sound = [frame.to_ndarray() for frame in container.decode(audio=0)]
    assert frames[0].shape == CLIP_SIZE[::-1]
    assert abs(frames[0].astype(int) - frames[len(frames) // 2]).mean() > 0.3
    assert 0.01 < max(abs(one).max() for one in sound) < 0.5
