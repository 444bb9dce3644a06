"""What goes over a lab host's interfaces, all of them, and a world outside for it: a name server that knows every name,
and a router that swallows what is sent through it. Not a test itself."""

import ipaddress
import socket
import struct
import threading

from watch import enter_network

ALL, IPV4, IPV6, ARP = 0x0003, 0x0800, 0x86DD, 0x0806
TCP, UDP, ICMP6 = 6, 17, 58
OUTGOING = 4  # PACKET_OUTGOING of linux/if_packet.h
DNS_PORTS, WIREGUARD = (53, 5353), 51820


class Packet:
    """One packet: interface, whether it leaves (on lo every one is seen leaving and coming), protocol, where to."""

    def __init__(self, interface, leaves, kind, body):
        self.interface, self.leaves, self.protocol, self.target, self.port, self.name = interface, leaves, None, "", 0, ""
        if kind == IPV4 and len(body) >= 20:
            self.protocol, self.target = body[9], socket.inet_ntop(socket.AF_INET, body[16:20])
            self._transport(body[4 * (body[0] & 15):])
        elif kind == IPV6 and len(body) >= 40:
            self.protocol, self.target = body[6], socket.inet_ntop(socket.AF_INET6, body[24:40])
            self._transport(body[40:])
        else:
            self.target = f"ethertype {kind:#06x}"

    def _transport(self, body):
        if self.protocol in (TCP, UDP) and len(body) >= 4:
            self.port = int.from_bytes(body[2:4], "big")
        if self.protocol == UDP and self.port in DNS_PORTS:
            self.name = dns_name(body[8:])

    def __repr__(self):
        return f"{self.interface} protocol {self.protocol} to {self.target} port {self.port} {self.name}"


class Capture:
    """Of one host, until stop(). Packets that it sends, on every interface that it has or gets."""

    def __init__(self, host):
        self.host, self.packets, self.count = host, {}, 0
        self._stop, self._ready, self._error = threading.Event(), threading.Event(), None
        self._thread = threading.Thread(target=self._guarded, daemon=True)
        self._thread.start()
        if not self._ready.wait(20) or self._error:
            raise AssertionError(f"{host.name} cannot be listened to: {self._error}")

    def stop(self):
        self._stop.set()
        self._thread.join()
        if self._error:
            raise self._error

    def interfaces(self):
        return {packet.interface for packet in list(self.packets.values())}

    def names(self):
        """Every name that somebody on the host asked for."""
        return {packet.name for packet in list(self.packets.values()) if packet.name}

    def targets(self):
        return {packet.target for packet in list(self.packets.values())}

    def strangers(self, inside, outside):
        """Packets that are neither for one of `inside` within the host or its mesh, nor WireGuard's to one of `outside`,
        each kind once. What the kernel says by itself when an interface comes up (ARP, IPv6 neighbours and routers) is
        not an engine's."""
        def is_stranger(packet):
            if packet.protocol == ICMP6 or packet.target == f"ethertype {ARP:#06x}":
                return False
            if packet.interface in ("lo", "orama0"):
                return packet.target not in inside and not _is_own(packet.target)
            return packet.target not in outside or (packet.protocol, packet.port) != (UDP, WIREGUARD)

        return [packet for packet in self.packets.values() if is_stranger(packet)]

    def _guarded(self):
        try:
            enter_network(self.host)
            with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ALL)) as packets:
                packets.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
                packets.settimeout(0.2)
                self._ready.set()
                while not self._stop.is_set():
                    self._next(packets)
                self._nothing_missed(packets)
        except Exception as error:  # told by stop()
            self._error = error
            self._ready.set()

    def _next(self, packets):
        try:
            body, (interface, kind, direction, *_) = packets.recvfrom(2048)
        except TimeoutError:
            return
        if direction == OUTGOING:
            self.count += 1
            packet = Packet(interface, True, kind, body)
            self.packets.setdefault(repr(packet), packet)

    @staticmethod
    def _nothing_missed(packets):
        _, dropped = struct.unpack("II", packets.getsockopt(263, 6, 8))  # SOL_PACKET, PACKET_STATISTICS
        if dropped:
            raise AssertionError(f"the capture missed {dropped} packets")


class World:
    """The host's name server and default route: it answers every name with its own address, and swallows the rest."""

    def __init__(self, lab, number):
        self.host = lab.host("world", number)
        self.asked = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def become_way_of(self, host):
        host.write("/etc/resolv.conf", f"nameserver {self.host.address}\n")
        host.run(["ip", "route", "replace", "default", "via", self.host.address]).check()
        found = host.quick(["getent", "hosts", "any.name.example"])
        assert self.host.address in found.out, f"{host.name} asks no name server: {found}"

    def close(self):
        self._stop.set()
        self._thread.join()

    def _run(self):
        enter_network(self.host)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind((self.host.address, 53))
            server.settimeout(0.2)
            while not self._stop.is_set():
                try:
                    query, client = server.recvfrom(2048)
                except TimeoutError:
                    continue
                self.asked.add(dns_name(query))
                server.sendto(dns_answer(query, self.host.address), client)


def _is_own(target):
    try:
        return ipaddress.ip_address(target).is_loopback
    except ValueError:
        return False


def dns_name(message):
    """The first name that a DNS message asks for, or answers."""
    labels, at = [], 12
    while at < len(message) and 0 < message[at] < 64:
        labels.append(message[at + 1:at + 1 + message[at]].decode(errors="replace"))
        at += 1 + message[at]
    return ".".join(labels)


def dns_answer(query, address):
    """To an A question the address; to any other that there is none."""
    end = 12
    while query[end]:
        end += 1 + query[end]
    question = query[12:end + 5]
    is_a = question[-4:] == b"\0\1\0\1"
    head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, int(is_a), 0, 0)
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton(address) if is_a else b""
    return head + question + record
