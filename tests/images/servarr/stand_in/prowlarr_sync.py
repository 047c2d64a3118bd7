# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing the indexers into the applications, and the test that an application has to pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import Failure
from .indexer_proxy import STANDARD, TEST_ID, IndexerProxy
from .outgoing import Answer, Unreachable, ask

if TYPE_CHECKING:
    from .program import Program

_API = {"Sonarr": "v3", "Radarr": "v3", "Lidarr": "v1", "Readarr": "v1"}
_LEAST = {"Sonarr": (3, 0, 5), "Lidarr": (1, 0, 2)}
MAPPINGS = "applicationindexermapping"


class Peer:
    """One application, as Prowlarr writes to it."""

    def __init__(self, program: Program, definition: dict[str, Any]) -> None:
        self.program, self.definition = program, definition
        self.settings, self.name = definition["settings"], definition["implementation"]

    def ask(self, path: str, method: str = "GET", body: Any = None) -> Answer:
        url = f"{self.settings['baseUrl'].rstrip('/')}/api/{_API[self.name]}{path}"
        return ask(url, method, body, {"X-Api-Key": self.settings["apiKey"]})

    def indexer(self, definition: dict[str, Any], known: Any) -> dict[str, Any]:
        """Return the indexer as this application is to have it."""
        profile = self.program.database.find("appprofile", definition.get("appProfileId", 0)) or {}
        offered = {number for top, (_, subs) in known.items() for number in (top, *subs)}
        on = definition["enable"]
        fields = {
            "baseUrl": f"{self.settings['prowlarrUrl'].rstrip('/')}/{definition['id']}/",
            "apiPath": "/api",
            "apiKey": self.program.auth.key,
            "categories": sorted(offered & set(self.settings["syncCategories"])),
        }
        if self.name == "Sonarr":
            fields["animeCategories"] = sorted(offered & set(self.settings["animeSyncCategories"]))
        return {
            "name": f"{definition['name']} (Prowlarr)",
            "enableRss": on and profile.get("enableRss", True),
            "enableAutomaticSearch": on and profile.get("enableAutomaticSearch", True),
            "enableInteractiveSearch": on and profile.get("enableInteractiveSearch", True),
            "priority": definition["priority"],
            "implementation": "Newznab",
            "implementationName": "Newznab",
            "configContract": "NewznabSettings",
            "protocol": "usenet",
            "tags": [],
            "fields": [{"name": name, "value": value} for name, value in fields.items()],
        }


def test_application(program: Program, definition: dict[str, Any]) -> list[Failure]:
    """The key, the version, and whether the application reaches this Prowlarr: it has to test an indexer of it."""
    peer, name = Peer(program, definition), definition["implementation"]
    lost = f"{name} URL is invalid, Prowlarr cannot connect to {name} - are you missing a URL base?"
    try:
        status = peer.ask("/system/status")
        if status.status == 401:
            return [Failure("ApiKey", "API Key is invalid")]
        if status.status in (301, 302, 303, 307, 308, 404):
            return [Failure("BaseUrl", lost)]
        version = tuple(int(part) for part in status.json()["version"].split(".")[:3])
        if version < _LEAST.get(name, (0,)):
            return [Failure("", f"{name} version should be at least {_LEAST[name]}, it is {version}")]
        tested = {"id": TEST_ID, "name": "Test", "enable": True, "priority": 25}
        result = peer.ask("/indexer/test", "POST", peer.indexer(tested, STANDARD))
    except (Unreachable, ValueError, KeyError, TypeError) as error:
        text = f"Unable to complete application test, cannot connect to {name}. {error}"
        return [Failure("BaseUrl", text)]
    if result.status == 400:
        program.log.error(name, f"{name} cannot connect to Prowlarr: {result.body.decode(errors='replace')[:300]}")
        return [Failure("ProwlarrUrl", f"Prowlarr URL is invalid, {name} cannot connect to Prowlarr")]
    if result.status != 200:
        return [Failure("", f"Unable to complete application test: HTTP {result.status}")]
    return []


class Sync:
    def __init__(self, program: Program, proxy: IndexerProxy) -> None:
        self.program, self.proxy = program, proxy

    def run(self, body: dict[str, Any]) -> str:
        changed = body["id"] if body.get("changed") == "applications" else 0
        if changed and body.get("deleted"):
            self._forget_application(changed)
            return "Application removed"
        # The application's definition may have changed: its key is written again, as a forced sync does.
        force = bool(body.get("forceSync") or changed)
        problems = {}
        for application in self.program.providers["applications"].enabled():
            if changed and application["id"] != changed:
                continue
            try:
                self._sync(application, force)
            except (Unreachable, ValueError) as error:
                self.program.log.error(application["name"], f"Unable to sync: {error}")
                problems[application["name"]] = str(error)
        self.program.health.failing_applications = list(problems)
        self.program.health.refresh_soon()
        if problems:
            raise RuntimeError("; ".join(f"{name}: {text}" for name, text in problems.items()))
        return "Synced"

    def _forget_application(self, number: int) -> None:
        """The indexers stay in an application that Prowlarr no longer knows."""
        for mapping in self.program.database.all(MAPPINGS):
            if mapping["appId"] == number:
                self.program.database.delete(MAPPINGS, mapping["id"])

    def _sync(self, application: dict[str, Any], force: bool) -> None:
        peer, database = Peer(self.program, application), self.program.database
        there = {item["id"]: item for item in self._answered(peer.ask("/indexer"))}
        mappings = {item["indexerId"]: item for item in database.all(MAPPINGS) if item["appId"] == application["id"]}
        full = application["syncLevel"] == "fullSync"
        for indexer in database.all("indexer"):
            if application["tags"] and not set(application["tags"]) & set(indexer["tags"]):
                continue
            wanted = peer.indexer(indexer, self.proxy.categories(indexer))
            mapping = mappings.pop(indexer["id"], None)
            if not _field(wanted, "categories"):
                self.program.log.debug(application["name"], f"{indexer['name']} has no category that is synced")
                continue
            present = there.get(mapping["remoteId"]) if mapping else self._adopted(there, wanted)
            if present is None:
                made = self._answered(peer.ask("/indexer?forceSave=true", "POST", wanted))
                self._remember(mapping, application["id"], indexer["id"], made["id"])
            else:
                self._remember(mapping, application["id"], indexer["id"], present["id"])
                if full and (force or not same(present, wanted)):
                    body = {**present, **wanted, "tags": present["tags"], "id": present["id"]}
                    self._answered(peer.ask(f"/indexer/{present['id']}?forceSave=true", "PUT", body))
        for mapping in mappings.values() if full else ():
            if mapping["remoteId"] in there:
                self._answered(peer.ask(f"/indexer/{mapping['remoteId']}", "DELETE"))
            database.delete(MAPPINGS, mapping["id"])

    def _adopted(self, there: dict[int, Any], wanted: dict[str, Any]) -> dict[str, Any] | None:
        """Return an indexer that leads to the same address, although nobody remembers who made it."""
        for item in there.values():
            if _field(item, "baseUrl") == _field(wanted, "baseUrl"):
                return item
        return None

    def _remember(self, mapping: dict[str, Any] | None, app: int, indexer: int, remote: int) -> None:
        if mapping:
            self.program.database.put(MAPPINGS, {**mapping, "remoteId": remote})
        else:
            self.program.database.add(MAPPINGS, {"appId": app, "indexerId": indexer, "remoteId": remote})

    def _answered(self, result: Answer) -> Any:
        if result.status not in (200, 201, 202):
            raise ValueError(f"HTTP {result.status}: {result.body.decode(errors='replace')[:300]}")
        return result.json()


def _field(item: dict[str, Any], name: str) -> Any:
    return next((field.get("value") for field in item["fields"] if field["name"] == name), None)


def same(present: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Compare what can be compared: a key comes back masked."""
    names = ("name", "enableRss", "enableAutomaticSearch", "enableInteractiveSearch", "priority")
    if any(present[name] != wanted[name] for name in names):
        return False
    return all(
        _field(present, field["name"]) == field["value"] for field in wanted["fields"] if field["name"] != "apiKey"
    )
