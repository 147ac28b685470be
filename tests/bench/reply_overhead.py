"""How long from a send to the reply's `message.created` on the stream, with a stub model that answers at once.

    python -m tests.bench.reply_overhead [sends]

Starts the embedded host by itself and prints median, 90th percentile and maximum in milliseconds, the answer to the
send and the first streamed text beside it. Exits with 1 when the median misses the goal of 150 ms.
"""

import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

from tests.platform.embedded_host import PASSWORD, Host
from tests.stubs.model_server import ModelServer

GOAL_MS = 150
SENDS = 100


def measure(host: Host, sends: int) -> dict[str, list[float]]:
    """Milliseconds from just before each send: to its answer, to the first delta, to the written reply."""
    client = host.client().register(f"{uuid.uuid4().hex}@example.org", PASSWORD)
    granted = host.command("grant", "premium", client.user["email"], "1")
    assert granted.returncode == 0, granted.stderr
    conversation = client.open(client.call("GET", "/v1/companions")["items"][0]["id"])
    stream = client.stream()
    stream.until(lambda event: event.name == "ready")
    found: dict[str, list[float]] = {"acknowledged": [], "first text": [], "reply written": []}
    permit = client.permit()
    for number in range(sends + 5):
        if permit["uses_left"] == 0:
            permit = client.permit()
        permit["uses_left"] -= 1
        began = time.perf_counter()
        client.send(conversation["id"], f"message {number}", permit["permit_id"])
        times = [time.perf_counter()]
        for event in stream:
            if event.name == "reply.delta" and len(times) == 1:
                times.append(time.perf_counter())
            if event.name == "message.created" and event.data["sender"] == "ai":
                times += [time.perf_counter()] * (3 - len(times))
                break
        if number >= 5:  # the first ones warm pools and caches up
            for name, moment in zip(found, times, strict=True):
                found[name].append((moment - began) * 1000)
        # The clients of the next measurement are the same ones: let this turn's last events pass.
        time.sleep(0.02)
    stream.close()
    return found


def main() -> int:
    """Run it and print the figures; the exit status says whether the goal was met."""
    sends = int(sys.argv[1]) if len(sys.argv) > 1 else SENDS
    with tempfile.TemporaryDirectory(prefix="duet-bench-") as folder, ModelServer() as model:
        settings = {"DUET_BOT_CHECK": "off", "RATE_LIMIT_FACTOR": "0", **model.environment("PRIMARY")}
        host = Host(Path(folder), settings).start()
        try:
            found = measure(host, sends)
        finally:
            host.interrupt()
    print(f"{sends} sends, embedded host, stub model that answers at once; milliseconds since the send began")
    for name, values in found.items():
        ordered = sorted(values)
        middle, slow = statistics.median(ordered), ordered[int(len(ordered) * 0.9)]
        print(f"  {name:<14} median {middle:6.1f}   p90 {slow:6.1f}   max {ordered[-1]:6.1f}")
    median = statistics.median(found["reply written"])
    print(f"goal: median below {GOAL_MS} ms: {'met' if median < GOAL_MS else 'MISSED'}")
    return 0 if median < GOAL_MS else 1


if __name__ == "__main__":
    sys.exit(main())
