# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Providers: download clients, indexers, connections and the like. They are tested by really connecting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import peers
from .errors import Failure, not_found, raise_if, refused
from .fields import Implementation
from .implementations import offered
from .provider_shapes import fresh, is_enabled, provider_shape, supported
from .settings import check_id
from .shapes import bind
from .web import Request, Response, accepted, answer, created

if TYPE_CHECKING:
    from .program import Program

# Rules beside the settings' own: kind -> property with its least and most.
_RANGES = {"downloadclient": ("priority", 1, 50), "indexer": ("priority", 1, 50)}


class Providers:
    """One kind, for example the download clients."""

    def __init__(self, program: Program, kind: str) -> None:
        self.program, self.kind = program, kind
        self.shape = provider_shape(program.app, kind)
        self.offered = offered(program.app, kind)

    def set_up(self) -> None:
        routes, path = self.program.routes, f"{self.program.app.root}/{self.kind}"
        routes.add("GET", path, lambda request: answer(self.all()))
        routes.add("GET", path + "/schema", lambda request: answer(self.schema()))
        routes.add("GET", path + "/{id}", lambda request, number: answer(self.resource(self.stored(number))))
        routes.add("POST", path, self.create)
        routes.add("POST", path + "/test", self.test)
        routes.add("POST", path + "/testall", self.test_all)
        routes.add("PUT", path + "/{id}", self.update)
        routes.add("PUT", path, self.update)
        routes.add("DELETE", path + "/{id}", self.delete)

    def stored(self, number: int) -> dict[str, Any]:
        found = self.program.database.find(self.kind, number)
        if not found:
            raise not_found()
        return found

    def definitions(self) -> list[dict[str, Any]]:
        return self.program.database.all(self.kind)

    def enabled(self) -> list[dict[str, Any]]:
        return [item for item in self.definitions() if is_enabled(self.kind, item)]

    def all(self) -> list[dict[str, Any]]:
        return [self.resource(item) for item in sorted(self.definitions(), key=lambda item: item["name"].lower())]

    def schema(self) -> list[dict[str, Any]]:
        entries = []
        for offer in self.offered.values():
            body = bind({**fresh(self.program.app, self.kind), "protocol": offer.protocol or "unknown"}, self.shape)
            body.update(implementation=offer.name, settings=offer.defaults(), id=0, name="")
            entries.append({**self.resource(body), "presets": []})
        for entry in entries:
            entry.pop("id", None)
        return entries

    def resource(self, item: dict[str, Any]) -> dict[str, Any]:
        """Return a stored definition as the API shows it."""
        app, offer = self.program.app, self.offered[item["implementation"]]
        shown = {name: item.get(name) for name in self.shape if name != "fields"}
        shown["fields"] = offer.json_fields(item["settings"], app)
        shown.update(implementationName=offer.title, configContract=offer.config_contract, infoLink=offer.link)
        if self.kind == "notification":
            shown.update({f"supportsO{name[1:]}": value for name, value in supported(app, offer.name).items()})
            if app.is_prowlarr:
                shown["supportsOnGrab"] = True
        if self.kind == "indexer":
            shown.update(supportsRss=True, supportsSearch=True, protocol=offer.protocol)
            if app.is_prowlarr:
                shown.update(peers.indexer_facts(item), capabilities=self.program.capabilities(item))
        if self.kind == "downloadclient":
            shown["protocol"] = offer.protocol
            if app.is_prowlarr:
                shown["supportsCategories"] = True
        if self.kind == "indexerproxy":
            shown["supportsOnHealthIssue"] = False
        if self.kind == "importlist":
            shown.update(listType="program", minRefreshInterval=shown["minRefreshInterval"] or "00:05:00")
        return shown

    def _offer(self, body: dict[str, Any]) -> Implementation:
        offer = self.offered.get(body["implementation"] or "")
        if not offer:
            raise refused(500, f"There is no implementation {body['implementation']} of {self.kind}")
        return offer

    def _bound(self, request: Request, number: int = 0) -> dict[str, Any]:
        body = bind(request.json(), self.shape)
        body["id"] = body["id"] or number
        failures = []
        same = [item for item in self.definitions() if item["name"].lower() == (body["name"] or "").lower()]
        if not body["name"]:
            failures.append(Failure("Name", "'Name' must not be empty.", ""))
        elif any(item["id"] != body["id"] for item in same):
            failures.append(Failure("Name", "Should be unique", body["name"]))
        for name in ("implementation", "configContract"):
            if not body[name]:
                title = name[0].upper() + name[1:]
                failures.append(Failure(title, f"'{title}' must not be empty."))
        if self.kind in _RANGES:
            name, least, most = _RANGES[self.kind]
            if not least <= body[name] <= most:
                text = f"'Priority' must be between {least} and {most}. You entered {body[name]}."
                failures.append(Failure("Priority", text, body[name]))
        if not failures:
            failures += self._own_rules(body)
        raise_if(failures, True)
        return body

    def _own_rules(self, body: dict[str, Any]) -> list[Failure]:
        if not (self.program.app.is_prowlarr and self.kind == "indexer"):
            return []
        failures = []
        if not self.program.database.find("appprofile", body["appProfileId"]):
            failures.append(Failure("AppProfileId", "App profile does not exist", body["appProfileId"]))
        if self._offer(body).protocol == "usenet" and not body["redirect"]:
            failures.append(Failure("Redirect", "Redirect must be enabled for Usenet indexers", False))
        return failures

    def _definition(self, body: dict[str, Any], stored: dict[str, Any] | None) -> dict[str, Any]:
        """Return what would be stored for this body."""
        offer = self._offer(body)
        given = body.pop("fields")
        definition = {**body, "settings": offer.settings(given, (stored or {}).get("settings"))}
        definition["tags"] = sorted(set(definition["tags"]))
        for name in ("implementationName", "infoLink", "configContract"):
            definition.pop(name, None)
        if offer.protocol:
            definition["protocol"] = offer.protocol
        if self.kind == "notification":
            # What this connection does not take is dropped without a word.
            for name, takes in supported(self.program.app, offer.name).items():
                definition[name] = definition[name] and takes
        return definition

    def failures(self, definition: dict[str, Any]) -> list[Failure]:
        """What the implementation's rules say; if they are content, what the other side says."""
        offer = self.offered[definition["implementation"]]
        return offer.failures(definition["settings"]) or peers.test(self.program, self.kind, definition)

    def create(self, request: Request) -> Response:
        body = self._bound(request)
        definition = self._definition({**body, "id": 0}, None)
        if is_enabled(self.kind, definition):
            # Here forceSave only forgives warnings.
            raise_if(self.failures(definition), not request.flag("forceSave"))
        stored = self.program.database.add(self.kind, definition)
        self._changed(stored)
        return created(self.resource(stored))

    def update(self, request: Request, number: int = 0) -> Response:
        body = self._bound(request, number)
        check_id(body, number)
        before = self.stored(body["id"])
        definition = self._definition(body, before)
        changed = definition != before
        # Prowlarr tests and saves what is unchanged too.
        matters = changed or self.program.app.is_prowlarr
        if is_enabled(self.kind, definition):
            raise_if(self.offered[definition["implementation"]].failures(definition["settings"]), True)
            if matters and not request.flag("forceSave"):
                raise_if(self.failures(definition), True)
        if matters:
            self.program.database.put(self.kind, definition)
            self._changed(definition)
        return accepted(self.resource(definition))

    def delete(self, request: Request, number: int) -> Response:
        before = self.program.database.find(self.kind, number)
        self.program.database.delete(self.kind, number)
        if before:
            self._changed(before, deleted=True)
        return answer({})

    def test(self, request: Request) -> Response:
        body = self._bound(request)
        before = self.program.database.find(self.kind, body["id"]) if body["id"] > 0 else None
        raise_if(self.failures(self._definition(body, before)), not request.flag("forceTest"))
        return answer({})

    def test_all(self, request: Request) -> Response:
        results = []
        for definition in self.enabled():
            failures = self.failures(definition)
            well = not [failure for failure in failures if not failure.warning]
            told = [failure.json() for failure in failures]
            results.append({"id": definition["id"], "isValid": well, "validationFailures": told})
        return answer(results, 200 if all(result["isValid"] for result in results) else 400)

    def _changed(self, definition: dict[str, Any], deleted: bool = False) -> None:
        self.program.health.refresh_soon()
        if self.program.app.is_prowlarr:
            self.program.commands.sync_after(self.kind, definition, deleted)
