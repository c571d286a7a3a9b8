"""The compose file and the image's recipe keep their rules. What an engine makes of them is for tests/compose."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from nljctl.settings import SETTINGS
from nljctl.stack.compose.project import NAME
from nljctl.stack.compose.view import PUBLISHED, SERVICES
from nljctl.stack.names import BESIDE, CONSUMERS, PROFILES

ROOT = Path(__file__).parents[3]
FILE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
RECIPE = (ROOT / "Dockerfile.faststream").read_text()
SERVED: dict[str, Any] = FILE["services"]
LASTING = {name: service for name, service in SERVED.items() if name in SERVICES}
OURS = {name: service for name, service in SERVED.items() if "NLJCTL_IMAGE" in service["image"]}


def test_it_has_the_platforms_services_and_one_shots_beside_them() -> None:
    assert set(LASTING) == set(SERVICES)
    assert {service["restart"] for name, service in SERVED.items() if name not in LASTING} == {"no"}
    assert FILE["name"] == NAME


def test_each_service_belongs_to_the_profile_that_the_program_thinks() -> None:
    for profile in PROFILES:
        named = {name for name, service in LASTING.items() if service.get("profiles") == [profile]}
        assert named == {CONSUMERS[profile], *BESIDE[profile]}


@pytest.mark.parametrize("name", LASTING)
def test_a_service_comes_back_by_itself_but_not_after_it_was_stopped(name: str) -> None:
    assert SERVED[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVED)
def test_images_are_variables_with_a_fixed_version(name: str) -> None:
    default = re.fullmatch(r"\$\{[A-Z_]+_IMAGE:-([^}]+)\}", SERVED[name]["image"])
    assert default
    assert re.search(r":v?\d+", default[1]), "neither latest nor nothing"


@pytest.mark.parametrize("name", LASTING)
def test_ports_are_published_on_loopback_where_a_variable_says(name: str) -> None:
    inside = {each.service: each.port for each in PUBLISHED}
    for published in SERVED[name]["ports"]:
        assert re.fullmatch(rf"127\.0\.0\.1:\$\{{[A-Z_]+_PORT:-[\d-]+\}}:{inside[name]}", published)


@pytest.mark.parametrize("name", LASTING)
def test_its_health_is_checked_and_its_memory_limited(name: str) -> None:
    service = SERVED[name]
    assert service["deploy"]["resources"]["limits"]["memory"]
    assert name in OURS or "test" in service["healthcheck"], "the image's own check stands only in ours"


@pytest.mark.parametrize("name", SERVED)
def test_secrets_are_files_never_variables(name: str) -> None:
    secret = {setting.variable for setting in SETTINGS if setting.secret} | {"POSTGRES_PASSWORD"}
    assert secret.isdisjoint(SERVED[name].get("environment", {}))
    assert "pass" not in re.sub(r"database_password|PASSWORD_FILE", "", str(SERVED[name].get("environment", {}))).lower()


@pytest.mark.parametrize("name", OURS)
def test_our_containers_are_confined(name: str) -> None:
    service = SERVED[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True


def test_nothing_needs_a_service_of_another_profile_unless_it_may_be_absent() -> None:
    for name, service in SERVED.items():
        for need, how in service.get("depends_on", {}).items():
            other = SERVED[need].get("profiles")
            assert other in (None, service.get("profiles")) or how["required"] is False, f"{name} needs {need}"


def test_the_recipe_ends_as_a_user_without_rights_and_asks_the_consumer() -> None:
    last = RECIPE.split("\nFROM ")[-1]
    assert re.search(r"^USER \d+$", last, flags=re.MULTILINE)
    assert re.search(r"^HEALTHCHECK .*probe\.py", last, flags=re.MULTILINE)
    assert 'ENTRYPOINT ["nljctl"]' in last, "in the form that passes signals on"
    assert "apt-get" not in last
    assert "pip" not in last
    assert "org.opencontainers.image.version" in last


def test_the_recipe_is_pinned_and_adds_nothing_from_elsewhere() -> None:
    assert "--constraint requirements.lock" in RECIPE
    assert not re.search(r"^ADD |:latest|curl |wget ", RECIPE, flags=re.MULTILINE)
