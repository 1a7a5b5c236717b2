"""Settings of the whole service that are changed while it runs; each change is in the audit events.

Source: docs/operations.md, "Who reviews".
"""

from collections.abc import Mapping
from typing import Any

import orjson

from service.audit.record import write_instant
from service.audit.rows import SettingRow
from service.errors import InvalidRequest
from service.operations.keys import audit_row
from service.operations.ports import Caller, Reads, Unit
from service.operations.service import Service
from service.operations.shapes import Shape, faults

SINGLE_PERSON = "single_person"
DEFAULTS: Mapping[str, Any] = {SINGLE_PERSON: False}
"""What holds until it is changed."""
CHANGE_SETTINGS: Shape = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        SINGLE_PERSON: {
            "type": "boolean",
            "description": "Whether who edited a draft may approve it, because there is nobody else; off by default.",
        }
    },
}


def read_settings(service: Service) -> dict[str, Any]:
    """Every setting: its value, and when and by whom it was changed last."""
    return service.store.read(_shown)


def change_settings(service: Service, body: object, caller: Caller) -> dict[str, Any]:
    """Change some settings; all of them, as they are then. `InvalidRequest` lists every fault."""
    found = faults(CHANGE_SETTINGS, body)
    if found or not isinstance(body, dict):
        raise InvalidRequest("the request has faults", found)
    now = service.clock()

    def job(unit: Unit) -> dict[str, Any]:
        unit.alone("settings")
        for name, value in body.items():
            before = setting(unit, name)
            if before != value:
                unit.governance.save_setting(SettingRow(name, orjson.dumps(value).decode(), now, caller.actor))
                detail = {"before": before, "after": value}
                unit.audit(audit_row(service, caller, "setting.changed", name, detail))
        return _shown(unit)

    return service.store.write(job)


def setting(reads: Reads, name: str) -> Any:
    """The value of a setting."""
    row = reads.governance.setting(name)
    return DEFAULTS[name] if row is None else orjson.loads(row.value)


def _shown(reads: Reads) -> dict[str, Any]:
    rows = {row.name: row for row in reads.governance.settings()}
    return {
        name: {
            "value": setting(reads, name),
            "changed_at": write_instant(rows[name].changed_at) if name in rows else None,
            "changed_by": rows[name].changed_by if name in rows else None,
        }
        for name in DEFAULTS
    }
