"""Who may ask."""

from __future__ import annotations

import re

from callspring.accounts.actions import create_api_key, revoke_api_key
from tests.api.story import ApiStory

LISTS = ("calls", "visits", "scenarios", "numbers", "threads")


class Keys(ApiStory):
    def test_each_list_wants_a_key(self) -> None:
        for path in LISTS:
            response = self.client.get(f"/api/v1/{path}")
            assert response.status_code == 401
            assert response.headers["WWW-Authenticate"] == "Bearer"
            assert "Authorization: Bearer cs_" in response.json()["detail"]

    def test_with_a_key_each_list_answers(self) -> None:
        for path in LISTS:
            assert self.get(path) == {"items": [], "next": None}

    def test_hostile_keys_are_strangers(self) -> None:
        for header in (
            "Bearer",
            "Bearer ",
            "Bearer cs_x",
            "Basic abc",
            "Bearer \x00",
            "Bearer ü",
            f"Bearer {'x' * 9000}",
        ):
            response = self.client.get("/api/v1/calls", headers={"Authorization": header})
            assert response.status_code == 401, header

    def test_a_revoked_key_is_a_stranger(self) -> None:
        key, plain = create_api_key(self.company, "Old")
        self.get("calls", key=plain)
        revoke_api_key(key)
        self.get("calls", key=plain, expect=401)

    def test_a_key_without_the_scope(self) -> None:
        _, plain = create_api_key(self.company, "Idle", [])
        for path in LISTS:
            assert "lacks the scope “read”" in self.get(path, key=plain, expect=403)["detail"]

    def test_a_session_is_no_key(self) -> None:
        self.client.force_login(self.alice)
        assert self.client.get("/api/v1/calls").status_code == 401

    def test_nothing_can_be_written(self) -> None:
        for path in LISTS:
            response = self.client.post(f"/api/v1/{path}", headers={"Authorization": f"Bearer {self.alices}"})
            assert response.status_code == 405


class Documentation(ApiStory):
    def test_the_page_needs_nothing_from_elsewhere(self) -> None:
        page = self.client.get("/api/v1/docs").content.decode()
        assert "ninja/swagger-ui-bundle.js" in page
        assert "http://" not in page
        assert "https://" not in page
        parts = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert len(parts) >= 3
        assert {part: self.client.get(part).status_code for part in parts} == dict.fromkeys(parts, 200)

    def test_every_endpoint_is_described(self) -> None:
        paths = self.client.get("/api/v1/openapi.json").json()["paths"]
        assert set(paths) == {f"/api/v1/{path}" for path in LISTS} | {
            "/api/v1/calls/{call_id}",
            "/api/v1/visits/{visit_id}",
            "/api/v1/scenarios/{scenario_id}",
            "/api/v1/pools/{pool_id}/accuracy",
            "/api/v1/pools/{pool_id}/decisions",
            "/api/v1/pools/{pool_id}/sizing",
            "/api/v1/sizing",
            "/api/v1/numbers/{number_id}",
            "/api/v1/threads/{thread_id}",
            "/api/v1/threads/{thread_id}/messages",
        }
        for methods in paths.values():
            assert set(methods) == {"get"}
            assert methods["get"]["summary"]
            assert methods["get"]["security"]
