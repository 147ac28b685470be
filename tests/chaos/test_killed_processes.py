"""kill -9 of any one process in the middle of conversations: whatever was acknowledged has its one reply.

Clients journal every intent and every answer, and repeat unknown outcomes with the same client_id.
"""

import random
import time

from deploy.processes import Processes
from tests.chaos.talking import Truth, compare, new_talkers, seed_companion, talking


def test_every_acknowledged_message_has_its_one_reply_whatever_process_is_killed(
    processes: Processes, truth: Truth, chance: random.Random
) -> None:
    seed_companion(processes)
    victims = list(processes.names)
    chance.shuffle(victims)
    for victim in victims:
        talkers = new_talkers(processes, 3)
        print(f"kill {victim}")
        with talking(talkers, chance, texts=6):
            time.sleep(chance.uniform(0.2, 0.8))
            processes.kill(victim)
            time.sleep(chance.uniform(0.0, 0.5))
            processes.start(victim)
        compare(talkers, processes, truth)


def test_a_second_kill_during_the_recovery_changes_nothing(
    processes: Processes, truth: Truth, chance: random.Random
) -> None:
    seed_companion(processes)
    talkers = new_talkers(processes, 3, watch=True)
    with talking(talkers, chance, gives_up=0.3):
        for victim in ("worker:ai-svc", "web:chat-svc", "worker:gateway"):
            for _twice in range(2):
                print(f"kill {victim}")
                time.sleep(chance.uniform(0.0, 0.4))
                processes.kill(victim)
                processes.start(victim)
    compare(talkers, processes, truth)


def test_the_same_path_works_over_the_stream_on_real_servers(processes: Processes) -> None:
    seed_companion(processes)
    (talker,) = new_talkers(processes, 1)
    stream = talker.client.stream()
    stream.until(lambda event: event.name == "ready")
    talker.client.send(talker.conversation_id, "Hello, who are you?", talker.client.permit()["permit_id"])
    seen = stream.until(lambda event: event.name == "message.created" and event.data["sender"] == "ai")
    stream.close()
    names = [event.name for event in seen]
    assert "reply.started" in names
    assert "reply.delta" in names
    streamed = "".join(event.data["text"] for event in seen if event.name == "reply.delta")
    assert seen[-1].data["text"].startswith(streamed)
