"""Who may ask what, over the running service."""

from __future__ import annotations

import time

from api_paths import ADMIN, ALL, OF_OTHER, OF_OWN, VIEW
from api_world import Api


def statuses(api: Api, paths: tuple[str, ...], headers: dict[str, str] | None) -> dict[str, int]:
    return {path: api.get(path, headers).status_code for path in paths}


def test_the_operator_gets_an_answer_from_every_path(api: Api) -> None:
    assert statuses(api, ALL, None) == dict.fromkeys(ALL, 200)


def test_without_a_token_no_path_tells_anything(api: Api) -> None:
    assert statuses(api, ALL, {}) == dict.fromkeys(ALL, 401)


def test_a_learner_sees_their_own_data_and_nothing_else(api: Api) -> None:
    learner = api.as_user("LEARNER")
    assert statuses(api, OF_OWN, learner) == dict.fromkeys(OF_OWN, 200)
    assert statuses(api, (*OF_OTHER, *VIEW, *ADMIN), learner) == dict.fromkeys((*OF_OTHER, *VIEW, *ADMIN), 403)


def test_a_creator_sees_the_platform_and_no_learner(api: Api) -> None:
    creator = api.as_user("CREATOR")
    assert statuses(api, VIEW, creator) == dict.fromkeys(VIEW, 200)
    assert statuses(api, (*OF_OWN, *ADMIN), creator) == dict.fromkeys((*OF_OWN, *ADMIN), 403)


def test_an_administrator_sees_everything(api: Api) -> None:
    assert set(statuses(api, (VIEW[0], ADMIN[1], ADMIN[-1], OF_OTHER[0]), api.as_user("ADMIN")).values()) == {200}


def test_a_user_that_the_platform_does_not_know_is_nobody(api: Api) -> None:
    assert api.get(VIEW[0], api.signed(sub="00000000-0000-4000-8000-000000000000")).status_code == 401


def test_an_expired_token_is_none(api: Api) -> None:
    answer = api.get(VIEW[0], api.signed(sub="00000000-0000-4000-8000-000000000000", exp=int(time.time()) - 1))
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, "the token has expired")


def test_health_and_the_page_need_no_token(api: Api) -> None:
    free = "/health", "/migration", "/migration/main.js", "/openapi.json"
    assert statuses(api, free, {}) == dict.fromkeys(free, 200)


def test_neither_key_is_shown_anywhere(api: Api) -> None:
    shown = [api.stack.run("config", "--json").stdout, api.stack.run("status", "--json").stdout, api.get("/api/migration/status").text]
    shown += [path.read_text(errors="replace") for path in (api.stack.home / "logs").iterdir()]
    shown += [" ".join(process.cmdline()) for process in api.stack.processes()]
    assert not [text for text in shown if api.token in text or api.secret in text]
