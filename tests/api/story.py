"""A program that holds a key of Alice's company, and one that holds Charlie's."""

from __future__ import annotations

from typing import Any

from tests.stories import Story


class ApiStory(Story):
    def setUp(self) -> None:
        super().setUp()
        self.alices = self.key(self.company)
        self.charlies = self.key(self.elsewhere)

    def get(self, path: str, key: str | None = None, expect: int = 200, **query: Any) -> Any:
        """The JSON of an answer that must have this status."""
        headers = {"Authorization": f"Bearer {self.alices if key is None else key}"}
        response = self.client.get(f"/api/v1/{path}", query, headers=headers)
        assert response.status_code == expect, response.content
        return response.json()

    def ids(self, path: str, **query: Any) -> list[Any]:
        """The ids of a list's first page: integers for what people set up, text for what happened at a door."""
        return [item["id"] for item in self.get(path, **query)["items"]]
