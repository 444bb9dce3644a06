"""A WireGuard peer that is made by hand, which no node's agent knows, and that pings the nodes through the tunnel all
the time. Not a test itself."""

import ctypes
import select
import socket
import threading
import time

import redeemer
from cluster import mesh_ip
from lab import wait_for
from watch import echo_request, enter_network, inside

ADDRESS, PORT = "10.0.0.200", 51820
EVERY, GIVEN_UP = 0.05, 5.0  # seconds


def uapi(host, device, text):
    """One request to a wireguard-go device; its answer as a dict."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(inside(host, f"/run/wireguard/{device}.sock"))
        connection.sendall(text.encode() + b"\n\n")
        answer = b""
        while not answer.endswith(b"\n\n"):
            answer += connection.recv(65536)
    found = dict(line.split("=", 1) for line in answer.decode().split("\n") if "=" in line)
    if found.get("errno") != "0":
        raise AssertionError(f"{host.name}: {text.splitlines()[0]}: errno={found.get('errno')}")
    return found


def public_of(private):
    """The public half of an X25519 key, both in hex."""
    public = ctypes.create_string_buffer(redeemer.KEY_BYTES)
    if redeemer.SODIUM.crypto_scalarmult_base(public, bytes.fromhex(private)) != 0:
        raise OSError("libsodium takes no such key")
    return public.raw.hex()


def make_peer(peer, nodes):
    """Raises a device on the host `peer` and makes it a peer of each node; the nodes' mesh addresses."""
    public, private = redeemer.key_pair(redeemer.SODIUM.crypto_box_keypair, redeemer.KEY_BYTES)
    peer.run(["systemd-run", "--unit=wg0", "wireguard-go", "-f", "wg0"]).check()
    wait_for("its device", lambda: peer.quick(["test", "-S", "/run/wireguard/wg0.sock"]).status == 0, 20)
    lines = [f"private_key={private.hex()}", f"listen_port={PORT}"]
    for host in nodes:
        key = public_of(uapi(host, "orama0", "get=1")["private_key"])
        uapi(host, "orama0", f"set=1\npublic_key={public.hex()}\nallowed_ip={ADDRESS}/32\nendpoint={peer.address}:{PORT}")
        lines += [f"public_key={key}", f"endpoint={host.address}:{PORT}", f"allowed_ip={mesh_ip(host)}/32"]
    uapi(peer, "wg0", "\n".join(["set=1", *lines]))
    peer.run(["ip", "address", "add", f"{ADDRESS}/24", "dev", "wg0"]).check()
    peer.run(["ip", "link", "set", "wg0", "up"]).check()
    return [mesh_ip(host) for host in nodes]


class Pinger:
    """Pings each address twenty times a second from the host, until stop(). Begins when each has answered once."""

    def __init__(self, host, addresses):
        self.host, self.addresses, self.sent, self.lost, self.slowest = host, addresses, 0, [], 0.0
        self._stop, self._error, self._answered = threading.Event(), None, threading.Event()
        self._thread = threading.Thread(target=self._guarded, daemon=True)
        self._thread.start()
        if not self._answered.wait(20) or self._error:
            raise AssertionError(f"{addresses} do not answer {host.name}: {self._error}")

    def stop(self):
        """How many were sent, which were lost [(address, seconds since the first)], the longest way."""
        self._stop.set()
        self._thread.join()
        if self._error:
            raise self._error
        return self.sent, self.lost, self.slowest

    def _guarded(self):
        try:
            enter_network(self.host)
            with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as icmp:
                icmp.setblocking(False)
                self._warm_up(icmp)
                self._run(icmp)
        except Exception as error:  # told by stop()
            self._error = error
            self._answered.set()

    def _warm_up(self, icmp):
        silent = set(self.addresses)
        while silent and not self._stop.is_set():
            for address in silent:
                icmp.sendto(echo_request(0), (address, 0))
            for address, _ in self._answers(icmp, time.monotonic() + 0.2):
                silent.discard(address)
        self._answered.set()

    def _run(self, icmp):
        waiting, sequence, begun = {}, 0, time.monotonic()  # (address, sequence) → when it was sent
        while waiting or not self._stop.is_set():
            now = time.monotonic()
            if not self._stop.is_set():
                sequence = sequence % 0xffff + 1
                for address in self.addresses:
                    icmp.sendto(echo_request(sequence), (address, 0))
                    waiting[address, sequence] = now
                    self.sent += 1
            for key in self._answers(icmp, now + EVERY):
                if key in waiting:
                    self.slowest = max(self.slowest, time.monotonic() - waiting.pop(key))
            for key in [k for k, sent in waiting.items() if time.monotonic() - sent > GIVEN_UP]:
                self.lost.append((key[0], round(waiting.pop(key) - begun, 2)))

    @staticmethod
    def _answers(icmp, until):
        """(address, sequence) of each answer until then."""
        while select.select([icmp], [], [], max(0.0, until - time.monotonic()))[0]:
            packet, (address, _) = icmp.recvfrom(2048)
            if packet[20] == 0 and packet[24:26] == echo_request(0)[4:6]:
                yield address, int.from_bytes(packet[26:28], "big")
