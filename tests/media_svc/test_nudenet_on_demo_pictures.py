"""The real NudeNet model on the pictures that the demo companions show: drawn, dressed, and not to be blocked."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo_media.collection import ALBUMS
from deploy.demo_media.render import picture
from media_svc.adapters.nudenet import NudeNetClassifier

SIZE = (540, 675)
"""Half of what is shown: drawing takes longer than judging."""


@pytest.fixture(scope="module")
def nudenet() -> Iterator[NudeNetClassifier]:
    classifier = NudeNetClassifier()
    yield classifier
    classifier.close()


@pytest.mark.parametrize("companion", ALBUMS)
def test_demo_pictures_are_harmless(nudenet: NudeNetClassifier, tmp_path: Path, companion: str) -> None:
    album = ALBUMS[companion]
    scenes = {"avatar": album.avatar, "background": album.background, **{one.name: one.scene for one in album.media}}
    flags: Counter[str] = Counter()
    for name, scene in scenes.items():
        path = tmp_path / f"{name}.jpg"
        path.write_bytes(picture(scene, SIZE, f"{companion} {name}"))
        verdict = nudenet.judge(path, "image/jpeg")
        flags[verdict.flag] += 1
        assert verdict.flag in ("safe", "soft"), (name, verdict)
    print(f"{companion}: {dict(flags)}")
    assert flags["safe"] > len(scenes) * 0.8
