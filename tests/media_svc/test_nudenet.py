"""The real NudeNet model, in its child process: what it sees, its limits, and that it is never left behind."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import drawn_pictures
import psutil
import pytest
import pyvips

from chassis.testing import eventually
from media_svc.adapters.nudenet import NudeNetClassifier
from media_svc.adapters.nudenet.classifier import ENVIRONMENT
from media_svc.ports import CheckUnavailable

MEGABYTE = 1024 * 1024
PARENT = """
import sys, time
from pathlib import Path
from media_svc.adapters.nudenet import NudeNetClassifier
classifier = NudeNetClassifier()
classifier.judge(Path(sys.argv[1]), "image/jpeg")
print(classifier.pid, flush=True)
if sys.argv[2] == "wait":
    time.sleep(600)
"""
RECORDING = """
import json, sys
import numpy as np
from media_svc.adapters.nudenet import child
class Recording:
    def run(self, names, inputs):
        (self.given,) = inputs.values()
        return [np.zeros((1, 22, 2100), np.float32)]
detector = child.Detector()
detector.onnx_session = Recording()
assert child.look(detector, open(sys.argv[1], "rb").read()) == {"detections": []}
print(json.dumps([float(detector.onnx_session.given[0, band].mean() * 255) for band in range(3)]))
"""
OTHERS = (31).to_bytes(4, "big") + b'{"of": "0000", "detections":[]}'
"""Nothing seen, in another picture."""
READY = (14).to_bytes(4, "big") + b'{"model": "x"}'


@pytest.fixture(scope="module")
def nudenet() -> Iterator[NudeNetClassifier]:
    classifier = NudeNetClassifier()
    yield classifier
    classifier.close()


@pytest.fixture
def landscape(tmp_path: Path) -> Path:
    return drawn_pictures.saved(drawn_pictures.hills(), tmp_path / "hills.jpg")


@pytest.fixture
def torso(tmp_path: Path) -> Path:
    return drawn_pictures.saved(drawn_pictures.mannequin(), tmp_path / "torso.jpg")


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def pid_of(classifier: NudeNetClassifier) -> int:
    assert classifier.pid is not None
    return classifier.pid


def test_landscapes_are_safe(nudenet: NudeNetClassifier, tmp_path: Path) -> None:
    for seed in range(8):
        path = drawn_pictures.saved(drawn_pictures.hills(seed), tmp_path / f"{seed}.jpg")
        assert nudenet.judge(path, "image/jpeg").flag == "safe"


def test_a_drawn_torso_is_seen_and_is_erotic(nudenet: NudeNetClassifier, torso: Path) -> None:
    verdict = nudenet.judge(torso, "image/jpeg")
    assert (verdict.flag, verdict.minor) == ("erotic", False)
    assert "FEMALE_BREAST_EXPOSED" in {label.name for label in verdict.labels}
    assert all(0.2 <= label.score <= 1 for label in verdict.labels)


@pytest.mark.parametrize("width", [320, 3000])
def test_the_model_gets_red_green_and_blue_in_this_order(tmp_path: Path, width: int) -> None:
    path = drawn_pictures.saved(drawn_pictures.plain(250, 100, 10, width=width, height=width), tmp_path / "orange.jpg")
    command = [sys.executable, "-I", "-c", RECORDING, str(path)]
    told = subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout
    assert json.loads(told) == pytest.approx([250, 100, 10], abs=4)


def test_grey_tiny_and_long_pictures_are_judged(nudenet: NudeNetClassifier, tmp_path: Path) -> None:
    grey = tmp_path / "grey.jpg"
    pyvips.Image.black(300, 200).jpegsave(str(grey))
    assert nudenet.judge(grey, "image/jpeg").flag == "safe"
    for width, height in ((1, 1), (4000, 2), (2, 4000)):
        path = drawn_pictures.saved(drawn_pictures.plain(9, 9, 9, width=width, height=height), tmp_path / "odd.jpg")
        assert nudenet.judge(path, "image/jpeg").flag == "safe"


def test_it_starts_with_the_first_picture_and_stays(landscape: Path) -> None:
    classifier = NudeNetClassifier()
    assert classifier.pid is None
    classifier.judge(landscape, "image/jpeg")
    pid = pid_of(classifier)
    began = time.perf_counter()
    for _ in range(20):
        classifier.judge(landscape, "image/jpeg")
    seconds = time.perf_counter() - began
    memory = psutil.Process(pid).memory_info()
    print(
        f"{20 / seconds:.0f} pictures/s, {memory.rss / MEGABYTE:.0f} MB, address space {memory.vms / MEGABYTE:.0f} MB"
    )
    assert classifier.pid == pid
    classifier.close()


def test_several_threads_get_the_answers_to_their_own_pictures(
    nudenet: NudeNetClassifier, landscape: Path, torso: Path
) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda path: nudenet.judge(path, "image/jpeg").flag, [landscape, torso] * 8))
    assert found == ["safe", "erotic"] * 8


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0" + b"\x00" * 100])
def test_what_can_not_be_read_is_not_judged_and_the_next_picture_is(
    nudenet: NudeNetClassifier, landscape: Path, tmp_path: Path, content: bytes
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(content)
    with pytest.raises(CheckUnavailable):
        nudenet.judge(broken, "image/jpeg")
    assert nudenet.judge(landscape, "image/jpeg").flag == "safe"


def test_a_child_that_hangs_is_killed_and_replaced(landscape: Path) -> None:
    classifier = NudeNetClassifier(picture_s=4.0)
    classifier.judge(landscape, "image/jpeg")
    hanging = pid_of(classifier)
    os.kill(hanging, signal.SIGSTOP)
    with pytest.raises(CheckUnavailable):
        classifier.judge(landscape, "image/jpeg")
    assert not is_running(hanging)
    patient = NudeNetClassifier()
    assert patient.judge(landscape, "image/jpeg").flag == "safe"
    patient.close()
    classifier.close()


class Interrupted(BaseException):
    """Like KeyboardInterrupt."""


def test_an_interrupted_picture_leaves_no_answer_for_the_next_one(landscape: Path, torso: Path) -> None:
    def interrupt(*_signal: object) -> None:
        raise Interrupted

    classifier = NudeNetClassifier()
    classifier.judge(landscape, "image/jpeg")
    before = signal.signal(signal.SIGUSR1, interrupt)
    os.kill(pid_of(classifier), signal.SIGSTOP)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    try:
        with pytest.raises(Interrupted):
            classifier.judge(landscape, "image/jpeg")
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, before)
    assert classifier.pid is None
    assert classifier.judge(torso, "image/jpeg").flag == "erotic"
    classifier.close()


def test_a_child_that_was_killed_is_replaced_at_the_next_picture(landscape: Path) -> None:
    classifier = NudeNetClassifier()
    classifier.judge(landscape, "image/jpeg")
    killed = pid_of(classifier)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: is_running(killed), until=lambda running: not running)
    assert classifier.judge(landscape, "image/jpeg").flag == "safe"
    assert pid_of(classifier) != killed
    classifier.close()


def test_a_picture_beyond_the_memory_is_not_judged_and_the_next_one_is(landscape: Path, tmp_path: Path) -> None:
    huge = tmp_path / "huge.jpg"
    pyvips.Image.black(20_000, 20_000, bands=3).jpegsave(str(huge))
    classifier = NudeNetClassifier(memory_bytes=768 * MEGABYTE)
    with pytest.raises(CheckUnavailable):
        classifier.judge(huge, "image/jpeg")
    assert classifier.judge(landscape, "image/jpeg").flag == "safe"
    classifier.close()


def test_without_the_memory_for_the_model_nothing_is_judged(landscape: Path) -> None:
    classifier = NudeNetClassifier(memory_bytes=64 * MEGABYTE)
    with pytest.raises(CheckUnavailable):
        classifier.judge(landscape, "image/jpeg")
    assert classifier.pid is None


@pytest.mark.parametrize(
    "program",
    [
        "import sys; sys.exit(0)",
        "import time; time.sleep(600)",
        "print('not a message at all')",
        "import os; os.write(1, (99).to_bytes(4, 'big') + b'cut off')",
        "import os; os.write(1, (2**31).to_bytes(4, 'big')); input()",
        "import os; os.write(1, (2).to_bytes(4, 'big') + b'[]'); input()",
        f"import os; os.write(1, {READY} + (2).to_bytes(4, 'big') + b'{{}}'); input()",
        f"import os; os.write(1, {READY} + (2).to_bytes(4, 'big') + b'[]'); input()",
        f"import os; os.write(1, {READY} + {OTHERS}); input()",
    ],
)
def test_a_child_that_does_not_answer_properly_judges_nothing(landscape: Path, tmp_path: Path, program: str) -> None:
    path = tmp_path / "program.py"
    path.write_text(program)
    classifier = NudeNetClassifier(program=path, picture_s=2.0, load_s=2.0)
    with pytest.raises(CheckUnavailable):
        classifier.judge(landscape, "image/jpeg")
    assert classifier.pid is None


def test_closing_ends_the_child_and_a_later_picture_starts_another(landscape: Path) -> None:
    classifier = NudeNetClassifier()
    classifier.judge(landscape, "image/jpeg")
    pid = pid_of(classifier)
    classifier.close()
    assert not psutil.pid_exists(pid)
    assert classifier.pid is None
    classifier.judge(landscape, "image/jpeg")
    classifier.close()


def parent(landscape: Path, until: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", PARENT, str(landscape), until], stdout=subprocess.PIPE, text=True)


def test_no_child_is_left_when_its_parent_is_killed(landscape: Path) -> None:
    with parent(landscape, "wait") as process:
        assert process.stdout is not None
        pid = next(int(line) for line in process.stdout if line.strip().isdecimal())
        assert is_running(pid)
        process.kill()
    eventually(lambda: is_running(pid), until=lambda running: not running)


def test_no_child_is_left_when_its_parent_ends(landscape: Path) -> None:
    with parent(landscape, "end") as process:
        out, _err = process.communicate(timeout=60)
    assert process.returncode == 0
    eventually(lambda: is_running(int(out.split()[-1])), until=lambda running: not running)


def test_the_child_knows_nothing_of_our_settings(
    landscape: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary")
    program = tmp_path / "program.py"
    program.write_text("import os; open(__file__ + '.seen', 'w').write(str(dict(os.environ)))")
    with pytest.raises(CheckUnavailable):
        NudeNetClassifier(program=program).judge(landscape, "image/jpeg")
    seen = program.with_suffix(".py.seen").read_text()
    assert "LC_ALL" in seen
    assert "canary" not in seen


def test_every_thread_of_the_child_is_behind_the_barrier(nudenet: NudeNetClassifier, landscape: Path) -> None:
    nudenet.judge(landscape, "image/jpeg")
    threads = list(Path(f"/proc/{nudenet.pid}/task").iterdir())
    assert len(threads) == 2  # the one that reads, and the one that looks
    for thread in threads:
        status = (thread / "status").read_text()
        assert "Seccomp:\t2\n" in status  # a filter, which the child has tried out with a socket
        assert "NoNewPrivs:\t1\n" in status


def test_a_thread_may_end_that_started_the_child(landscape: Path) -> None:
    classifier = NudeNetClassifier()
    for _ in range(3):
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(classifier.judge, landscape, "image/jpeg").result().flag == "safe"
    classifier.close()
