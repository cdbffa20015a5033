"""What the picture knows of each component: its column, its words and its sign."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Column(IntEnum):
    """The columns from left to right: the way of a request."""

    CLIENTS = 0
    EDGE = 1
    ENTRY = 2
    FUNCTIONS = 3
    DATA = 4
    OPERATIONS = 5

    @property
    def slot(self) -> int:
        """Its place from the left: operations stand below the data, where there is room."""
        return min(self, Column.DATA)


TITLES: Final = {
    Column.CLIENTS: "",
    Column.EDGE: "Edge",
    Column.ENTRY: "Entry",
    Column.FUNCTIONS: "Functions",
    Column.DATA: "Data and messages",
    Column.OPERATIONS: "Operations",
}


@dataclass(frozen=True)
class Kind:
    """One kind of box."""

    label: str
    """What people call it."""
    column: Column
    icon: str
    """Its sign, by the name that backplane/picture/icons.py gives it."""
    access: str = ""
    """How names of resources begin that a function's `access` speaks of: `table` in `table/users`."""
    part: bool = False
    """Whether it is shown where it is a part of another component, too, and not only by itself."""

    @property
    def word(self) -> str:
        """Within a sentence: abbreviations and names keep their capitals."""
        return self.label if self.label[1:] != self.label[1:].lower() else self.label.lower()


CLIENTS: Final = Kind("Clients", Column.CLIENTS, "person")
FUNCTION: Final = Kind("Function", Column.FUNCTIONS, "function", access="function", part=True)
TABLE: Final = Kind("Table", Column.DATA, "table", access="table", part=True)
BUCKET: Final = Kind("Bucket", Column.DATA, "bucket", access="bucket")
TOPIC: Final = Kind("Topic", Column.DATA, "topic", access="topic")
QUEUE: Final = Kind("Queue", Column.DATA, "queue")
HTTP_API: Final = Kind("HTTP API", Column.ENTRY, "api")
REST_API: Final = Kind("REST API", Column.ENTRY, "api")
CHANNEL: Final = Kind("WebSocket API", Column.ENTRY, "channel", access="channel")
POOL: Final = Kind("User pool", Column.ENTRY, "person", access="user-pool")
IDENTITIES: Final = Kind("Identity pool", Column.ENTRY, "person")
SCHEDULE: Final = Kind("Schedule", Column.ENTRY, "clock")
CDN: Final = Kind("CDN", Column.EDGE, "globe", access="cdn")
SITE: Final = Kind("Static site", Column.EDGE, "globe", access="cdn")
FIREWALL: Final = Kind("Firewall", Column.EDGE, "shield")
ALARMS: Final = Kind("Alarms", Column.OPERATIONS, "bell")
DASHBOARD: Final = Kind("Dashboard", Column.OPERATIONS, "chart")
TRACING: Final = Kind("Tracing", Column.OPERATIONS, "trace")
BACKUPS: Final = Kind("Backup plan", Column.OPERATIONS, "clock")
TRAIL: Final = Kind("Audit trail", Column.OPERATIONS, "shield")

KINDS: Final = {
    "backplane:index:Alarms": ALARMS,
    "backplane:index:AssetBucket": BUCKET,
    "backplane:index:AuditTrail": TRAIL,
    "backplane:index:BackupPlan": BACKUPS,
    "backplane:index:Cdn": CDN,
    "backplane:index:Dashboard": DASHBOARD,
    "backplane:index:DataTable": TABLE,
    "backplane:index:Function": FUNCTION,
    "backplane:index:IdentityPool": IDENTITIES,
    "backplane:index:RealtimeChannel": CHANNEL,
    "backplane:index:Schedule": SCHEDULE,
    "backplane:index:ServerlessApi": HTTP_API,
    "backplane:index:StaticSite": SITE,
    "backplane:index:Topic": TOPIC,
    "backplane:index:Tracing": TRACING,
    "backplane:index:UserPool": POOL,
    "backplane:index:WebAcl": FIREWALL,
    "aws:sqs/queue:Queue": QUEUE,
}
"""By Pulumi's type: components, and the resources that stand for themselves."""

UNSEEN: Final = frozenset({"backplane:index:Authorizer", "backplane:index:PythonLayer"})
"""Components without a box: a layer is a part of its functions, an authorizer is its function."""
