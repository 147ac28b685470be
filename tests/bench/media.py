"""Pictures a second and peak memory for 12-megapixel JPEGs: the whole processing of media-svc beside plain Pillow.

    python -m tests.bench.media [pictures]

Both read the file with all its pixels, turn it upright, write it anew as JPEG, and make renditions of 1280, 720 and
320 pixels and a blurred preview as WebP. Ours does it in a child process behind its barrier, and besides makes the
blurhash, the PDQ hash and the picture for the policy check, and copies and hashes what came out. Pillow runs in the
process itself with its defaults, once making each rendition from the one before, once each from the whole picture.
"""

import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
from PIL import Image, ImageFilter, ImageOps

from media_svc.adapters.decoding import SandboxedDecoder
from media_svc.domain.limits import MAX_FRAMES_PER_SECOND, MAX_PIXELS, MAX_SIDE, MEGABYTE
from media_svc.ports import DecodeLimits
from tests.corpus import samples

LIMITS = DecodeLimits(10 * MEGABYTE, None, MAX_PIXELS, MAX_SIDE, MAX_FRAMES_PER_SECOND)
PICTURES, ROUNDS = 8, 3


def with_pillow(source: Path, target: Path, *, chained: bool) -> None:
    """What somebody writes with Pillow at hand."""
    with Image.open(source) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    picture.save(target / "full.jpg", quality=88)
    last = picture
    for width in (1280, 720, 320):
        base = last if chained else picture
        last = base.resize((width, round(base.height * width / base.width)), Image.Resampling.LANCZOS)
        last.save(target / f"{width}.webp", quality=80)
    last.thumbnail((64, 64))
    last.filter(ImageFilter.GaussianBlur(4)).save(target / "preview.webp", quality=60)


def with_sandbox(decoder: SandboxedDecoder, source: Path, target: Path) -> None:
    """What processing does."""
    decoder.decode(source, kind="image", content_type="image/jpeg", limits=LIMITS, target=target)


def spent() -> float:
    """Processor seconds of this process and, with their own children, of those it started."""
    children = [process.cpu_times() for process in psutil.Process().children()]
    theirs = sum(one.user + one.system + one.children_user + one.children_system for one in children)
    return time.process_time() + float(theirs)


def rate(work: Callable[[Path, Path], None], sources: list[Path]) -> tuple[float, float]:
    """Pictures a second, one after the other, and processor seconds for each."""
    began, before = time.perf_counter(), spent()
    for source in sources:
        with tempfile.TemporaryDirectory() as target:
            work(source, Path(target))
    return len(sources) / (time.perf_counter() - began), (spent() - before) / len(sources)


def peak_of_pillow(source: Path, answer: Connection) -> None:
    """In a fresh process: the most memory that one picture takes."""
    with tempfile.TemporaryDirectory() as target:
        with_pillow(source, Path(target), chained=True)
    # Not ru_maxrss: that one remembers what the process was forked from.
    status = Path("/proc/self/status").read_text()
    answer.send(int(status.split("VmHWM:")[1].split()[0]) * 1024)


def main() -> int:
    """Run all in turns, and print the middle of each, with ratios."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    with tempfile.TemporaryDirectory(prefix="duet-bench-") as folder:
        data = samples.jpeg(4000, 3000, orientation=6)
        sources = [Path(folder, f"{number}.jpg") for number in range(count)]
        for source in sources:
            source.write_bytes(data)
        decoder = SandboxedDecoder()
        contenders: dict[str, Callable[[Path, Path], None]] = {
            "media-svc, sandboxed": partial(with_sandbox, decoder),
            "Pillow, each from the last": partial(with_pillow, chained=True),
            "Pillow, each from the whole": partial(with_pillow, chained=False),
        }
        rates: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
        for work in contenders.values():
            rate(work, sources[:1])
        for _ in range(ROUNDS):
            for name, work in contenders.items():
                rates[name].append(rate(work, sources))
        ours, theirs = multiprocessing.get_context("spawn").Pipe(duplex=False)
        process = multiprocessing.get_context("spawn").Process(target=peak_of_pillow, args=(sources[0], theirs))
        process.start()
        pillow_peak = ours.recv()
        process.join()
        peaks = dict.fromkeys(contenders, pillow_peak) | {"media-svc, sandboxed": decoder.highest_peak_bytes}
        decoder.close()
    middle = {name: statistics.median(speed for speed, _ in found) for name, found in rates.items()}
    processor = {name: statistics.median(seconds for _, seconds in found) for name, found in rates.items()}
    print(f"{count} JPEGs of 12 megapixels ({len(data) / MEGABYTE:.1f} MB), one at a time, {ROUNDS} rounds in turns")
    for name in contenders:
        ratio = middle["media-svc, sandboxed"] / middle[name]
        more = processor[name] / processor["media-svc, sandboxed"]
        print(
            f"{name:28} {middle[name]:5.2f} pictures/s (ours is {ratio:4.2f} x)  {processor[name]:5.2f} CPU s each "
            f"({more:4.2f} of ours)  peak {peaks[name] / MEGABYTE:4.0f} MB"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
