# Sourced by lab.sh: an ACME test CA (Debian's pebble, unpacked, not installed) and a DNS server for the lab's names,
# in a namespace of their own.
#   lab.sh acme_up NUMBER         directory https://acme.test:14000/dir at 203.0.113.NUMBER; TLS root $RUN/acme/ca.pem,
#                                 issuing root $RUN/acme/root.pem (new at each start); DNS on port 53
#   lab.sh acme_name NAME NUMBER  the DNS server answers 203.0.113.NUMBER for NAME
#   ACME_VALIDITY                 seconds that its certificates live (90 days)
#   lab.sh acme_kill              the CA is down, the DNS server goes on
# shellcheck shell=bash

acme_unpacked() { # printed: the folder with pebble's programs
  local d=$LAB/pebble
  (
    flock 9
    [ -x "$d/usr/bin/pebble" ] || {
      rm -rf "$d" "$d.new"; mkdir -p "$d.new/archives/partial"; cd "$d.new"
      apt-get -qq -o Dir::Cache::archives="$d.new/archives" download pebble >&2
      dpkg-deb -x pebble_*.deb . && rm -rf archives pebble_*.deb
      mv "$d.new" "$d"
    }
  ) 9>"$LAB/.lock"
  echo "$d"
}

acme_certificate() { # a private root and the certificate of acme.test, for the CA's own https
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=lab-acme-tls -keyout cakey.pem -out ca.pem
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=acme.test -keyout key.pem -out csr.pem
  openssl x509 -req -in csr.pem -CA ca.pem -CAkey cakey.pem -CAcreateserial -days 30 -out cert.pem \
    -extfile <(echo "subjectAltName=DNS:acme.test,IP:$1")
}

acme_up() {
  local ip=$NET4.$1 d=$RUN/acme programs ns i
  programs=$(acme_unpacked)
  ns=$(netns_of acme)
  mkdir -p "$d"
  net_up
  [ -s "$d/cert.pem" ] || (cd "$d" && acme_certificate "$ip") 2>/dev/null
  printf '{"pebble":{"listenAddress":"0.0.0.0:14000","managementListenAddress":"0.0.0.0:15000","certificate":"%s/cert.pem","privateKey":"%s/key.pem","httpPort":80,"tlsPort":443,"certificateValidityPeriod":%s}}' \
    "$d" "$d" "${ACME_VALIDITY:-7776000}" >"$d/pebble.json"
  if [ ! -e "/run/netns/$ns" ]; then
    port acme "$1"
    setsid ip netns exec "$ns" "$programs/usr/bin/pebble-challtestsrv" -dns01 :53 -http01 '' -https01 '' -tlsalpn01 '' \
      -defaultIPv4 '' -defaultIPv6 '' >"$d/dns.log" 2>&1 </dev/null &
    echo $! >"$RUN/acme.pids"
    echo "$ip" >"$d/ip"
  fi
  PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 setsid ip netns exec "$ns" "$programs/usr/bin/pebble" \
    -config "$d/pebble.json" -dnsserver 127.0.0.1:53 >>"$d/pebble.log" 2>&1 </dev/null &
  echo $! >"$d/pebble.pid"
  disown -a
  for i in $(seq 100); do
    ip netns exec "$ns" curl -s -m1 --cacert "$d/ca.pem" "https://$ip:15000/roots/0" -o "$d/root.pem" && break
    sleep 0.1
  done
  [ -s "$d/root.pem" ] || fail "pebble did not start: $(tail -3 "$d/pebble.log")"
  acme_name acme.test "$1"
}
acme_name() {
  ip netns exec "$(netns_of acme)" curl -sf -d "{\"host\":\"$1\",\"addresses\":[\"$NET4.$2\"]}" http://127.0.0.1:8055/add-a
}
acme_kill() {
  kill -9 "$(cat "$RUN/acme/pebble.pid")" 2>/dev/null || true
  rm -f "$RUN/acme/root.pem"
}
acme_down() {
  local p
  acme_kill
  for p in $(cat "$RUN/acme.pids"); do kill -9 "$p" 2>/dev/null || true; done
  rm -rf "$RUN/acme.pids" "$RUN/acme"
  ip netns del "$(netns_of acme)" 2>/dev/null || true
}
