"""`duet media …` beside the running platform: what each command says, does and returns."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from chassis.ids import uuid7
from chassis.testing import environment
from media_svc.domain.keys import final_prefix
from tests.media_svc.media_stand_ins import Media
from tests.media_svc.retention_kit import PICTURE, age, keys, put_object, shown
from tests.stubs.swift import Swift

ROOT = Path(__file__).parents[2]
Duet = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def duet(quick: Media, database_url: str, tmp_path: Path) -> Duet:
    """Runs a command as its own process, in the environment of the running service."""
    env = environment("media-svc", database_url, quick.keys, MEDIA_FOLDER=str(tmp_path / "media"))

    def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "deploy.cli", "media", *words],
            env={"PATH": os.environ["PATH"], **env, **settings}, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def test_a_dry_sweep_tells_and_a_real_one_does(quick: Media, duet: Duet, tmp_path: Path) -> None:
    shown(quick, used=False)
    stray = put_object(quick, tmp_path, final_prefix("avatar", uuid7(), uuid7()) + "full.webp")
    age(quick, tmp_path, 25)
    dry = duet("sweep", "--dry-run")
    assert dry.returncode == 0
    assert "unused uploads would be removed: 1\n" in dry.stdout
    assert "objects without a row would be removed: 1\n" in dry.stdout
    assert stray in keys(quick)
    real = duet("sweep")
    assert "unused uploads removed: 1\n" in real.stdout
    quick.work()
    assert keys(quick) == set()


def test_verify_ends_with_1_where_bytes_and_rows_differ(quick: Media, duet: Duet, tmp_path: Path) -> None:
    key = shown(quick)["media"]["key"]
    good = duet("verify")
    assert good.stderr == ""
    assert (good.returncode, "objects with other bytes: 0\n" in good.stdout) == (0, True)
    path = tmp_path / "media" / key
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    bad = duet("verify")
    assert bad.returncode == 1
    assert f"objects with other bytes: 1\n  {key}\n" in bad.stdout


def test_a_takedown_ends_every_look_at_once(quick: Media, duet: Duet) -> None:
    upload = shown(quick)
    upload_id = upload["upload_id"]
    assert duet("takedown", upload_id).stdout == f"{upload_id} is held as evidence now.\n"
    assert duet("takedown", upload_id).stdout == f"{upload_id} was held as evidence before.\n"
    assert quick.row("SELECT held FROM uploads WHERE id = %s", upload_id) == (True,)
    quick.work()
    assert {key.partition("/")[0] for key in keys(quick)} == {"evidence", "incoming"}
    other = quick.upload(uuid7(), PICTURE + b"2")["upload_id"]
    assert duet("takedown", other, "--remove").stdout == f"{other} is removed now.\n"
    assert duet("takedown", "nonsense").returncode == 2
    unknown = duet("takedown", str(uuid7()))
    assert (unknown.returncode, unknown.stderr) == (1, "duet: There is no such upload.\n")


def test_reprocess_tells_how_many_it_would_judge_again(quick: Media, duet: Duet) -> None:
    upload = UUID(shown(quick)["upload_id"])
    assert duet("reprocess", "--dry-run", MEDIA_CLASSIFIER="nudenet").stdout == "would be judged again: 1\n"
    assert quick.row("SELECT policy_version LIKE 'http-%%' FROM uploads WHERE id = %s", upload) == (True,)


def test_bucket_setup_makes_the_bucket_and_says_what_the_server_lacks(duet: Duet, swift: Swift) -> None:
    settings = swift.environment(f"setup-{uuid7()}")
    first, second = duet("bucket-setup", **settings), duet("bucket-setup", **settings)
    lacking = "public access block: this server has none\nbucket cors: this server has none\n"
    assert first.stdout == f"bucket made\n{lacking}"
    assert second.stdout == lacking
    assert duet("bucket-setup").stdout == "a folder needs no bucket\n"
