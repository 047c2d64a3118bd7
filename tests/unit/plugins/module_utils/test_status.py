from __future__ import annotations

from dataclasses import replace

from ansible_collections.homelab.media.plugins.module_utils import status

from tests.unit.plugins.module_utils.test_containers import POD, TENANT

HERE = {"vpn-pod": replace(POD, published=("127.0.0.1:6789",)), "nzbget": TENANT}


def test_a_tenant_is_reached_where_the_owner_of_its_namespace_is() -> None:
    rows = {row["service"]: row for row in status.rows(HERE, ["nzbget", "vpn-pod"])}
    assert rows["vpn-pod"]["address"] == "127.0.0.1:6789"
    assert rows["nzbget"]["address"] == "in vpn-pod"


def test_a_declared_service_without_a_container_is_absent() -> None:
    (row,) = status.rows({}, ["nzbget"])
    assert (row["service"], row["state"]) == ("nzbget", "absent")


def test_a_container_that_nobody_declares_is_told_too() -> None:
    assert [row["service"] for row in status.rows(HERE, [])] == ["nzbget", "vpn-pod"]


def test_addresses_fall_back_to_the_containers_own() -> None:
    inside = replace(POD, service="redis", addresses=("172.18.0.2",), health="")
    host = replace(POD, service="plex", network_mode="host")
    rows = {row["service"]: row for row in status.rows({"redis": inside, "plex": host}, [])}
    assert (rows["redis"]["address"], rows["redis"]["health"]) == ("172.18.0.2", "-")
    assert rows["plex"]["address"] == "host"


def test_a_page_at_the_front_door_is_told_first() -> None:
    (row,) = status.rows({"vpn-pod": HERE["vpn-pod"]}, [], {"vpn-pod": "https://vpn.media.test"})
    assert row["address"] == "https://vpn.media.test, 127.0.0.1:6789"


def test_the_table_is_in_columns() -> None:
    lines = status.table(status.rows(HERE, [])).splitlines()
    assert lines[0].split() == list(status.COLUMNS)
    assert len({line.index("running") for line in lines[1:]}) == 1
