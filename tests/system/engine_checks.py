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
    names = sorted(host.name for host in hosts)
    lack = [""]

    def held():
        for host in hosts:
            for cid in cids:
                states = engines_of(host).pin_states(cid)
                if sorted(states) != names or set(states.values()) != {"pinned"}:
                    lack[0] = f"{host.name} sees {cid}: {states}"
                    return False
        return True

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
    own.execute("CREATE TABLE IF NOT EXISTS cut (value INTEGER PRIMARY KEY)")
    before = own.rows("SELECT count(*) FROM cut")[0][0]
    cut_off(gone, hosts)
    started = time.monotonic()
    try:
        written, pinned = write_while_cut(gone, rest, seconds)
    finally:
        gone.lab.unblock()
    took = wait_engines_whole(hosts, healed_within)
    wait_pinned(hosts, pinned, 60)
    for host in hosts:
        assert engines_of(host).rows("SELECT count(*) FROM cut") == [[before + written]], host.name
    wait_for("the one has all rows itself", lambda: engines_of(gone).rows("SELECT count(*) FROM cut", "none") == [[before + written]], 10)
    assert own.rows("SELECT count(*) FROM cut WHERE value < 0") == [[0]]
    print(f"{written} rows and {len(pinned)} pins stand; every engine is one cluster {took:.1f} s after the end of a cut of "
          f"{seconds} s", flush=True)


def write_while_cut(gone, rest, seconds):
    """How many rows, and which pins, the two took."""
    started = time.monotonic()
    wait_for("the cache of the one refuses", lambda: refuses(gone), 60)
    print(f"\nthe cache of {gone.name} refuses {time.monotonic() - started:.1f} s after the cut: "
          f"{refused(engines_of(gone).put, 'cut', 'minority')}", flush=True)
    print(refused(engines_of(gone).execute, "INSERT INTO cut(value) VALUES (-1)"), flush=True)
    wait_for("the cache of the two serves", lambda: serves(rest), 45)
    written, pinned = 0, []
    while time.monotonic() - started < seconds or written < 10:
        on = engines_of(rest[written % 2])
        on.execute("INSERT INTO cut(value) VALUES (NULL)", timeout=20)
        on.put(f"cut-{written}", "majority")
        if written % 10 == 0:
            pinned.append(on.add(secrets.token_bytes(300_000)))
            on.pin(pinned[-1])
        written += 1
        refused(engines_of(gone).put, "cut", "minority")
        time.sleep(0.2)  # a rate, which decides nothing
    return written, pinned


def serves(hosts):
    try:
        return all(engines_of(host).put("cut", "majority") == "OK" for host in hosts)
    except EngineError:
        return False


def refuses(host):
    try:
        engines_of(host).put("cut", "minority")
    except EngineError as error:
        return "quorum" in str(error)
    return False
