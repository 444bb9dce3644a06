"""What several tests ask of the engines of a whole cluster: that what one host takes all have, and that one which is cut
off refuses and is taken back. Not a test itself."""

import secrets
import time

from engine_look import EngineError, engines_of, refused, wait_engines_whole
from lab import wait_for


def check_data(hosts, label):
    """What is written on each host is read on all at once: a cache value, a row of the default database, a file within
    a second of its pin (with fivefold slack). Prints the slowest."""
    read, pinned = [], []
    engines_of(hosts[0]).execute("CREATE TABLE IF NOT EXISTS seen (label TEXT, host TEXT)")
    for writer in hosts:
        own = engines_of(writer)
        own.put(f"{label}-{writer.name}", label)
        own.execute("INSERT INTO seen VALUES (?, ?)", label, writer.name)
        for reader in hosts:
            found = engines_of(reader).get(f"{label}-{writer.name}")
            assert found == label, f"{reader.name} reads {found!r} in the cache of what {writer.name} put"
            rows = engines_of(reader).rows(f"SELECT count(*) FROM seen WHERE label = '{label}' AND host = '{writer.name}'")
            assert rows == [[1]], f"{reader.name} reads {rows} in the database of what {writer.name} wrote"
        check_file(writer, hosts, read, pinned)
    print(f"\n{label}: files of 1 MiB read {max(read):.2f} s after their pin at the latest, pinned on all after "
          f"{max(pinned):.2f} s; cache and database at once", flush=True)


def check_file(writer, hosts, read, pinned):
    own, content = engines_of(writer), secrets.token_bytes(1 << 20)
    cid = own.add(content)
    begun = time.monotonic()
    own.pin(cid)
    for reader in hosts:
        assert engines_of(reader).cat(cid, timeout=5) == content, f"{reader.name} reads another file"
        read.append(time.monotonic() - begun)
    wait_pinned(hosts, {cid}, 30)
    pinned.append(time.monotonic() - begun)
    assert max(read) < 5, f"read {max(read)} s after the pin"


def wait_pinned(hosts, cids, within):
    """Until each host sees that all of them hold each."""
    wanted = {host.name: "pinned" for host in hosts}
    lack = [""]

    def held():
        try:
            lack[0] = next((f"{host.name} sees {cid}: {states}" for host in hosts for cid in cids
                            if (states := engines_of(host).pin_states(cid)) != wanted), "")
        except EngineError as error:  # one that starts
            lack[0] = str(error)
        return not lack[0]

    try:
        wait_for("all have it pinned", held, within, pause=0.1)
    except AssertionError as error:
        raise AssertionError(f"{error}: {lack[0]}") from error


# ---- one cut off ----


def cut_off(gone, hosts):
    """Nothing of the mesh passes between `gone` and the others from now on, silently, until heal()."""
    for other in hosts:
        if other is not gone:
            gone.lab.block(gone.address, other.address, 51820)
            gone.lab.block(other.address, gone.address, 51820)


def check_cut(gone, hosts, seconds, healed_within):
    """One of three is cut off for so long: the cache and the database of the two go on and take pins, those of the one
    refuse. Healed, all is whole again in time without a hand, and what the two acknowledged stands."""
    rest = [host for host in hosts if host is not gone]
    own = engines_of(rest[0])
    own.execute("CREATE TABLE IF NOT EXISTS cut (value TEXT PRIMARY KEY)")
    cut_off(gone, hosts)
    try:
        written, pinned = write_while_cut(gone, rest, seconds)
    finally:
        gone.lab.unblock()
    took = wait_engines_whole(hosts, healed_within)
    wait_pinned(hosts, pinned, 60)
    for host in hosts:
        assert written <= cut_rows(host, "weak"), f"{host.name} lacks rows that were acknowledged"
        wait_for(f"{host.name} itself has all rows", lambda h=host: written <= cut_rows(h, "none"), 10)
    assert "minority" not in cut_rows(rest[0], "weak")
    print(f"{len(written)} rows and {len(pinned)} pins stand; every engine is one cluster {took:.1f} s after the end of a cut "
          f"of {seconds} s", flush=True)


def cut_rows(host, level):
    return {row[0] for row in engines_of(host).rows("SELECT value FROM cut", level)}


def write_while_cut(gone, rest, seconds):
    """The rows that the two acknowledged, and the pins that they took."""
    started = time.monotonic()
    wait_for("the cache of the one refuses", lambda: refuses(gone), 60)
    print(f"\nthe cache of {gone.name} refuses {time.monotonic() - started:.1f} s after the cut", flush=True)
    wait_for("the cache of the two serves", lambda: serves(rest), 45)
    written, pinned, failed = set(), set(), 0
    while time.monotonic() - started < seconds or len(written) < 10:
        on, value = engines_of(rest[len(written) % 2]), secrets.token_hex(8)
        try:
            on.execute("INSERT INTO cut VALUES (?)", value, timeout=20)
        except EngineError:
            failed += 1  # an election
        else:
            written.add(value)
        on.put(f"cut-{len(written)}", "majority")
        if len(written) % 10 == 0:
            cid = on.add(secrets.token_bytes(300_000))
            on.pin(cid)
            pinned.add(cid)
        for call, words in ((engines_of(gone).put, ("cut", "minority")), (engines_of(gone).execute, ("INSERT INTO cut VALUES ('minority')",))):
            refused(call, *words)
        assert failed < 20, f"the two acknowledged {len(written)} rows and refused {failed}"
        time.sleep(0.2)  # a rate, which decides nothing
    return written, pinned


def serves(hosts):
    try:
        return all(engines_of(host).put("cut", "majority") == "OK" for host in hosts)
    except EngineError:
        return False


def refuses(host):
    """Whether the host's cache says that it lacks a quorum."""
    try:
        engines_of(host).cache_members()
    except EngineError as error:
        return "quorum" in str(error)
    return False
