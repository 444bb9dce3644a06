"""A client that redeems an invitation as `orama install --join` does (design: join.md, Exchange) and does nothing
more: cheap members for tests. Seals by the libsodium that the build links. Not a test itself."""

import base64
import ctypes
import ctypes.util
import http.client
import json
import secrets

import watch

SODIUM = ctypes.CDLL(ctypes.util.find_library("sodium"))
SEAL_BYTES, NONCE_BYTES, MAC_BYTES, KEY_BYTES = 48, 24, 16, 32
TOKEN_ID, TOKEN_SECRET, TOKEN_KEY = slice(1, 9), slice(9, 25), slice(25, 57)


class NotVerified(Exception):
    """What answered did not open with the token's key, as from a gateway that has another key by now."""


def b64(raw):
    return base64.b64encode(raw).decode()


def b64url(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def key_pair(of, private_bytes):
    public, private = ctypes.create_string_buffer(KEY_BYTES), ctypes.create_string_buffer(private_bytes)
    if of(public, private) != 0:
        raise OSError("libsodium made no key")
    return public.raw, private.raw


def redeem(host, token, name, address, version="0.1.0"):
    """Redeems at the host's own gateway, as a client at `address`: the opened answer, with `error` where it is a No."""
    raw = base64.urlsafe_b64decode(token.removeprefix("orama1_") + "=" * 3)
    reply_key, reply_private = key_pair(SODIUM.crypto_box_keypair, KEY_BYTES)
    wireguard_key, _ = key_pair(SODIUM.crypto_box_keypair, KEY_BYTES)
    node_key, _ = key_pair(SODIUM.crypto_sign_keypair, 2 * KEY_BYTES)
    request = {"v": 1, "secret": b64(raw[TOKEN_SECRET]), "reply_key": b64(reply_key), "wg_public_key": b64(wireguard_key),
               "node_key": b64(node_key), "name": name, "addresses": [address], "wg_port": 51820, "roles": [],
               "version": version, "arch": "amd64", "time": "2026-01-01T00:00:00Z"}
    plain = json.dumps(request).encode()
    sealed = ctypes.create_string_buffer(len(plain) + SEAL_BYTES)
    if SODIUM.crypto_box_seal(sealed, plain, ctypes.c_ulonglong(len(plain)), raw[TOKEN_KEY]) != 0:
        raise OSError("the token's key is no key")
    body = json.dumps({"invite": b64url(raw[TOKEN_ID]), "sealed": b64(sealed.raw)})
    answer = watch.in_network(host, _post, body, address)
    if "sealed" not in answer:
        raise NotVerified(f"the gateway of {host.name} answers {answer}")
    box = base64.b64decode(answer["sealed"])
    opened = ctypes.create_string_buffer(len(box) - NONCE_BYTES - MAC_BYTES)
    nonce, cipher = box[:NONCE_BYTES], box[NONCE_BYTES:]
    if SODIUM.crypto_box_open_easy(opened, cipher, ctypes.c_ulonglong(len(cipher)), nonce, raw[TOKEN_KEY], reply_private) != 0:
        raise NotVerified("the answer does not open with the token's key")
    return json.loads(opened.raw)


def _post(body, address):
    # As Caddy passes it on: the rate limit counts by this address.
    connection = http.client.HTTPConnection("127.0.0.1", 6001, timeout=40)
    try:
        connection.request("POST", "/v1/internal/join", body,
                           {"Content-Type": "application/json", "X-Forwarded-For": address})
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def test_name():
    return "t" + secrets.token_hex(4)
