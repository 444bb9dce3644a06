"""Caddy of a node with a private ACME server (Pebble), seen from a second host, and an operator's own Caddyfile.
Run by edge.py."""

import json
import time
import unittest

import node
from lab import Lab, wait_for

CADDYFILE = "/etc/orama/caddy/Caddyfile"
DIRECTORY = "https://acme.test:14000/dir"
# The internal certificate that stands in lives 30 minutes and is renewed after 20.
REPLACED_WITHIN = 23 * 60
SAMPLE = False


def take_sample():
    global SAMPLE
    SAMPLE = True


class CaddyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.template = node.bare_host(cls.lab, "template", 10, node.packages())
        node.install_packages(cls.template)
        cls.template.stop()
        cls.client = cls.lab.host("client", 12)

    def setUp(self):
        self.node = self.lab.host("node1", 11, like=self.template)
        self.addCleanup(self.node.destroy)

    def issuers(self):
        """Which issuers the Caddyfile names for the domain."""
        snippet = self.node.read(CADDYFILE).split("(orama_issuers)")[1].split("\n}")[0]
        return [word for word in ("acme", "internal") if f"issuer {word}" in snippet]


class Acme(CaddyTest):
    def acme_up(self, validity=None):
        self.lab.call("acme_up", "80", **({"ACME_VALIDITY": str(validity)} if validity else {}))
        self.addCleanup(self.lab.call, "acme_down")
        self.lab.call("acme_name", node.DOMAIN, "11")
        for host in (self.node, self.client):
            host.write("/etc/resolv.conf", "nameserver 203.0.113.80\n")
        self.node.write("/root/acme-tls.pem", (self.lab.folder / "acme" / "ca.pem").read_text())
        self.keep_root()

    def keep_root(self):
        """Pebble makes a new issuing root at each start."""
        self.client.write("/root/pebble.pem", (self.lab.folder / "acme" / "root.pem").read_text())

    def install(self):
        return self.node.run(node.install_command(self.node, "--yes", "--acme-ca", DIRECTORY, "--acme-ca-root",
                                                  "/root/acme-tls.pem", "--email", "ops@example.com"), timeout=300).check()

    def is_public(self):
        """The client verifies the domain's certificate against the ACME server's root."""
        return self.client.curl("--cacert", "/root/pebble.pem", f"https://{node.DOMAIN}/v1/version").status == 0

    def is_internal(self):
        return node.through_caddy(self.client, self.node, "/v1/version").status == 0

    def serving(self):
        return json.dumps(json.loads(self.node.run(["orama", "status", "--json"]).out))

    def test_the_private_acme_servers_certificate_is_served(self):
        self.acme_up()
        done = self.install()
        wait_for("the public certificate is served", self.is_public, 60, pause=0.5)
        wait_for("ACME alone", lambda: self.issuers() == ["acme"], 150, pause=2)
        self.assertTrue(self.is_public(), done)
        by_address = self.client.curl("-k", "-o", "/dev/null", "-w", "%{http_code}", f"https://{self.node.address}/v1/version")
        self.assertEqual(by_address.out, "200", by_address)
        marks = node.write_marks(self.node, ("/var/lib/orama/rqlite", "/var/log/orama/gateway", "/var/lib/caddy"))
        self.node.shell("rm /root/acme-tls.pem").check()  # the copy under /etc/orama serves
        marks.pop("/root/acme-tls.pem", None), marks.pop("/root", None)
        self.node.run(["orama", "install", "--yes"], timeout=300).check()
        after = node.write_marks(self.node, ("/var/lib/orama/rqlite", "/var/log/orama/gateway", "/var/lib/caddy"))
        after.pop("/root", None)
        self.assertEqual(node.difference(marks, after), [])
        self.node.run(["orama", "uninstall", "--yes"], timeout=180).check()
        self.assertFalse(self.node.exists(CADDYFILE), "the agent's own file is taken back too")

    def test_acme_down_at_the_install_and_up_later(self):
        self.acme_up()
        self.lab.call("acme_kill")
        self.install()
        wait_for("the internal certificate is served", self.is_internal, 60, pause=0.5)
        self.assertEqual(self.issuers(), ["acme", "internal"])
        self.assertIn("internal", self.serving())
        self.lab.call("acme_up", "80")
        self.keep_root()
        if SAMPLE:
            return
        wait_for("replaced by itself", self.is_public, REPLACED_WITHIN, pause=5)
        wait_for("ACME alone", lambda: self.issuers() == ["acme"], 150, pause=2)

    def test_a_renewal_while_acme_is_down_keeps_the_public_certificate(self):
        if SAMPLE:
            self.skipTest("takes ten minutes: make test-all PART=edge")
        lifetime = 600
        self.acme_up(validity=lifetime)
        self.install()
        wait_for("the public certificate is served", self.is_public, 60, pause=0.5)
        issued = time.monotonic()
        wait_for("ACME alone", lambda: self.issuers() == ["acme"], 150, pause=2)
        self.lab.call("acme_kill")
        # renewals are tried from two thirds of the lifetime on; none may change what is served
        while time.monotonic() - issued < lifetime - 40:
            self.assertTrue(self.is_public(), f"{time.monotonic() - issued:.0f} s after it was issued")
            time.sleep(5)
        self.assertIn("acme.test", node.journal(self.node, "caddy"), "no renewal was tried")


class OperatorCaddyfile(CaddyTest):
    def install_over(self, caddyfile):
        self.node.write("/etc/caddy/Caddyfile", caddyfile)
        return self.node.run(node.install_command(self.node, "--yes"), timeout=300)

    def test_own_sites_are_imported(self):
        done = self.install_over("http://blog.example.org {\n\trespond \"my blog\"\n}\n")
        self.assertEqual(done.status, 0, done)
        blog = self.client.curl("-H", "Host: blog.example.org", f"http://{self.node.address}/")
        self.assertEqual(blog.out, "my blog", blog)
        self.assertEqual(node.through_caddy(self.client, self.node).status, 0)
        self.node.run(["orama", "uninstall", "--yes"], timeout=180).check()
        self.assertIn("my blog", self.node.read("/etc/caddy/Caddyfile"))
        blog = self.client.curl("-H", "Host: blog.example.org", f"http://{self.node.address}/")
        self.assertEqual(blog.out, "my blog", blog)

    def test_what_does_not_fit_in_is_refused_by_name(self):
        for caddyfile, reason in [("{\n\temail me@example.org\n}\na.example.org {\n}\n", "global configuration"),
                                  (":80 {\n\trespond hello\n}\n", "port 80"),
                                  (node.DOMAIN + " {\n\trespond mine\n}\n", node.DOMAIN)]:
            with self.subTest(reason):
                done = self.install_over(caddyfile)
                self.assertEqual(done.status, 6, done)
                self.assertIn("/etc/caddy/Caddyfile", done.out + done.err)
                self.assertIn(reason, done.out + done.err)
                self.assertFalse(self.node.exists(CADDYFILE))
                self.assertEqual(self.node.read("/etc/caddy/Caddyfile"), caddyfile)
