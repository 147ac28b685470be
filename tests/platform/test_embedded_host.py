"""`duet run`: what it prints, that it keeps its data, stops cleanly, and that commands find it."""

import time
from collections.abc import Callable

import pytest

from chassis.testing import eventually
from deploy.client import Refused
from tests.platform.embedded_host import PASSWORD, Host
from tests.platform.test_first_conversation import mara, messages, say


@pytest.fixture
def host(start_host: Callable[..., Host]) -> Host:
    return start_host(DUET_BOT_CHECK="off")


def test_the_greeting_says_where_to_open_it_how_to_sign_in_and_what_it_runs_on(platform: Host) -> None:
    media = f"files in {platform.folder / 'home' / 'media'}, checked by nudenet"
    for fact in (platform.url, "demo@duet.example", "offline companion engine", "in process", "PostgreSQL 18", media):
        assert fact in platform.printed


def test_the_greeting_says_how_to_talk_to_a_host_on_a_port_of_its_own(platform: Host) -> None:
    assert f".venv/bin/duet chat --url {platform.url})" in platform.printed


def test_the_demo_user_can_sign_in_and_meets_adult_companions(platform: Host) -> None:
    line = next(line for line in platform.printed.splitlines() if "demo@duet.example" in line)
    email, password = line.split("Sign in")[1].strip().split(" / ")
    demo = platform.client().login(email, password)
    companions = demo.call("GET", "/v1/companions")["items"]
    assert len(companions) >= 3
    assert all(companion["age"] >= 18 for companion in companions)
    assert all("persona_prompt" not in companion for companion in companions)


def test_a_second_start_finds_the_data_of_the_first_and_both_stop_cleanly(host: Host) -> None:
    someone = host.newcomer()
    email = someone.user["email"]
    conversation = mara(someone)
    say(someone, conversation["id"], "remember me")
    assert host.interrupt() == 0
    assert "Traceback" not in host.printed
    assert "Stopped." in host.printed
    host.truncate_printed()
    time.monotonic()
    host.start()
    again = host.client().login(email, PASSWORD)
    assert next(m["text"] for m in messages(again, conversation["id"])) == "remember me"
    # The session of before is still good as well.
    assert someone.call("GET", "/v1/me")["email"] == email


def test_after_a_kill_it_starts_again_and_nothing_acknowledged_is_lost(host: Host) -> None:
    someone = host.newcomer()
    conversation = mara(someone)
    sent = someone.send(conversation["id"], "are you there?", someone.permit()["permit_id"])
    host.kill()
    host.truncate_printed()
    host.start()
    reply = eventually(lambda: messages(someone, conversation["id"], after_seq=sent["seq"]), within=60)[0]
    assert reply["reply_to"] == [sent["id"]]
    assert [m["seq"] for m in messages(someone, conversation["id"])] == [1, 2]


def test_commands_work_beside_the_running_host(platform: Host) -> None:
    someone = platform.newcomer()
    assert someone.call("GET", "/v1/me")["role"] is None
    made = platform.command("create-admin", someone.user["email"])
    assert made.returncode == 0, made.stderr
    assert someone.call("GET", "/v1/me")["role"] == "admin"
    assert someone.call("GET", "/v1/admin/companions")["items"]
    granted = platform.command("grant", "premium", someone.user["email"], "30")
    assert granted.returncode == 0, granted.stderr
    assert someone.call("GET", "/v1/me")["premium_active"] is True
    permit = someone.permit()
    assert permit["uses_left"] == 50
    assert platform.command("seed").stdout.startswith("0 companions made.")


def test_the_terminal_chat_holds_a_conversation(platform: Host) -> None:
    talked = platform.command("chat", "--companion", "Elias", input="Hello, I am Sam\n/quit\n")
    assert talked.returncode == 0, talked.stderr
    assert "Elias: " in talked.stdout
    assert "is an AI" in talked.stdout


def test_a_taken_port_is_named_as_the_fault(platform: Host) -> None:
    second = platform.command("run")
    assert second.returncode == 2
    assert "PORT" in second.stderr
    assert "Traceback" not in second.stderr


def test_proof_of_work_is_asked_by_default(start_host: Callable[..., Host]) -> None:
    host = start_host()
    client = host.client()
    assert client.call("GET", "/v1/auth/challenge")["provider"] == "altcha"
    token = client.bot_token()
    body = {"email": "pow@example.org", "password": PASSWORD, "birth_date": "1990-01-01", "bot_token": token}
    client.call("POST", "/v1/auth/register", body)
    with pytest.raises(Refused) as refusal:
        client.call("POST", "/v1/auth/register", {**body, "email": "again@example.org"})
    assert refusal.value.code == "bot-check-failed"
