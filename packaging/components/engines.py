"""The engines of package orama-components, one row each: which programs of which pinned module, how they are
compiled, and what is taken out of the module's sources first (docs/decisions/0007-trimmed-engines.md). Versions
and checksums stand in go.mod and go.sum of the folder NAME."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """Lines to take out of one file of the module: the build fails unless each stands there exactly once."""
    file: str
    lines: tuple
    what: str  # for components.json


@dataclass(frozen=True)
class Engine:
    name: str
    module: str
    programs: tuple  # package folders inside the module; the program has the last part's name
    cgo: bool = False
    flags: tuple = ()
    settings: tuple = ()  # strings that the linker puts into variables; {version} is the pinned one
    edit: Edit = None


def _preloaded_plugins(*names):
    lines = []
    for name in names:
        lines += [f'plugin{name} "github.com/ipfs/kubo/plugin/plugins/{name}"', f"Preload(plugin{name}.Plugins...)"]
    return Edit("plugin/loader/preload.go", tuple(lines), "without the plugins " + ", ".join(names))


_RQLITE_COMMAND = "github.com/rqlite/rqlite/v8/cmd"

ENGINES = (
    Engine(
        "rqlite", "github.com/rqlite/rqlite/v8", ("cmd/rqlited", "cmd/rqlite"), cgo=True, flags=("-buildmode=pie",),
        # The commit is that of tag v8.43.4, as the module proxy reports it. Buildtime stays "unknown".
        settings=(f"{_RQLITE_COMMAND}.Version={{version}}", f"{_RQLITE_COMMAND}.Branch={{version}}",
                  f"{_RQLITE_COMMAND}.Commit=a127df48fa5d8b907ce5a229e97c24e5ec3dd9ee",
                  f"{_RQLITE_COMMAND}.CompilerCommand=gc")),
    Engine("olric", "github.com/olric-data/olric", ("cmd/olric-server",)),
    Engine("kubo", "github.com/ipfs/kubo", ("cmd/ipfs",),
           edit=_preloaded_plugins("badgerds", "fxtest", "nopfs", "peerlog", "telemetry")),
    Engine("ipfs-cluster", "github.com/ipfs-cluster/ipfs-cluster", ("cmd/ipfs-cluster-service",),
           edit=Edit("clusterhost.go", ("libp2p.NATPortMap(),",), "without NAT port mapping (UPnP, NAT-PMP)")),
)
