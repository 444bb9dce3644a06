#!/bin/bash
# Throw-away servers for tests: systemd-nspawn containers with systemd as PID 1, a network namespace each,
# joined by a bridge that lives in a namespace of its own. Nothing here gets an address, a route or a rule in
# the machine's own network namespace, and nothing inside reaches the network outside.
#
#   lab.sh can                              why no host can be raised here (exit 1), or nothing (exit 0)
#   lab.sh base                             make the image of $SUITE; printed: its folder
#   lab.sh apt_repo PACKAGE...              make a folder with these .debs and what the image lacks for them
#   lab.sh up NAME NUMBER                   raise a host: 203.0.113.NUMBER and/or 2001:db8:113::NUMBER
#   lab.sh run NAME COMMAND...              run in a scope of its own, like a login session
#   lab.sh block FROM TO PORT | unblock     lose UDP to PORT from one address to another, on the way; let all through
#   lab.sh move_away NAME MTU [quiet]       put a host behind a router and a narrow path
#   lab.sh destroy NAME | destroy_run | sweep
#
# Environment:
#   LAB      state that outlives runs (images, apt folders), default ${XDG_CACHE_HOME:-~/.cache}/orama/lab
#   LAB_RUN  name of this run, at most 8 letters and digits: prefix of namespaces, cgroups and machine names,
#            so that two runs never collide; its hosts live in $LAB/runs/$LAB_RUN
#   SUITE    bookworm (Debian 12, default) or trixie (Debian 13)
#   FAMILY   4 (default), 6 or 46: the addresses that `up` gives
#   REPO     a folder made by apt_repo, the host's only package source (bound to /opt/repo)
#   GUEST    the host name inside, default NAME
#   FROM     a stopped host of this run: the new host starts as a copy of its disk
# Root inside is root on the machine: this is no security boundary.
set -euo pipefail
shopt -s inherit_errexit # a failure inside $(...) counts too

LAB=${LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/orama/lab}
LAB_RUN=${LAB_RUN:-manual}
SUITE=${SUITE:-bookworm}
FAMILY=${FAMILY:-4}
NET4=203.0.113 NET4_AWAY=198.51.100 NET6=2001:db8:113: # TEST-NET-3, TEST-NET-2 and the documentation prefix, only inside the namespaces
SW=$LAB_RUN-switch
RUN=$LAB/runs/$LAB_RUN
# A minimal cloud image: nothing that orama depends on beyond what such images have.
PACKAGES=systemd,systemd-sysv,dbus,udev,libpam-systemd,libnss-systemd,iproute2,openssh-server,sudo,ca-certificates,curl,iputils-ping,procps,python3-minimal
KEY=$(printf '%s' "$SUITE $PACKAGES" | sha256sum | cut -c1-10)
BASE=$LAB/base-$SUITE-$KEY
TAR=$LAB/rootfs-$SUITE-$KEY.tar.zst
# Every cgroup hierarchy that systemd inside may look at: v2, the named v1 one, the v1 freezer.
CGROUPS=$(awk '$3=="cgroup2" || ($3=="cgroup" && $4 ~ /name=systemd|(^|,)freezer(,|$)/) {print $2}' /proc/mounts)
CGROUP2=$(awk '$3=="cgroup2" {print $2; exit}' /proc/mounts)

fail() { echo "lab: $*" >&2; exit 1; }
root_of() { echo "$RUN/$1/root"; }
netns_of() { echo "$LAB_RUN-$1"; }

can() {
  [ "$(id -u)" = 0 ] || fail "raising hosts needs root; this is user $(id -un)"
  local program
  for program in systemd-nspawn mmdebstrap zstd ip nsenter apt-ftparchive jq; do
    command -v $program >/dev/null || fail "$program is not installed; run: make deps"
  done
  [ -n "$CGROUP2" ] || fail "no cgroup2 hierarchy is mounted"
  [ -c /dev/net/tun ] || fail "/dev/net/tun is missing"
  unshare --mount --net --pid --uts --ipc --fork true 2>/dev/null || fail "this kernel or container refuses new namespaces"
  mkdir -p "$LAB" && unshare --mount sh -c 'd=$(mktemp -d "$0/can.XXXXXX") && mkdir "$d/l" "$d/u" "$d/w" "$d/m" &&
    mount -t overlay overlay -o "lowerdir=$d/l,upperdir=$d/u,workdir=$d/w" "$d/m" && umount "$d/m" && rm -rf "$d"' "$LAB" 2>/dev/null ||
    fail "overlay mounts are refused under $LAB; set LAB to a folder on ext4 or xfs"
  mkdir "$CGROUP2/orama-lab-can.$$" 2>/dev/null || fail "no cgroup can be made under $CGROUP2"
  rmdir "$CGROUP2/orama-lab-can.$$"
}

mirror() {
  awk '/^URIs:/ {print $2; exit}  /^deb / {for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) {print $i; exit}}' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -1
}

# ---- images ----
# Here and below: no `||` behind the subshell, which would switch errexit off inside it.
base() {
  local new
  mkdir -p "$LAB"
  (
    flock 9
    [ -e "$BASE/.ready" ] && exit 0
    if [ ! -f "$TAR" ]; then
      new=$LAB/new-$(basename "$TAR") # the ending tells mmdebstrap what to make
      nice mmdebstrap --variant=apt --include=$PACKAGES "$SUITE" "$new" "$(mirror)" 2>"$TAR.log" ||
        { tail -20 "$TAR.log" >&2; fail "mmdebstrap could not make a $SUITE image"; }
      rm -rf "$TAR"; mv "$new" "$TAR"
    fi
    rm -rf "$BASE"; mkdir -p "$BASE"
    tar --zstd -xpf "$TAR" -C "$BASE"
    make_bootable "$BASE"
    : >"$BASE/.ready"
  ) 9>"$LAB/.lock"
  echo "$BASE"
}

make_bootable() {
  local b=$1 unit
  rm -f "$b"/etc/machine-id "$b"/var/lib/dbus/machine-id "$b"/etc/ssh/ssh_host_* "$b"/etc/apt/sources.list "$b"/etc/apt/sources.list.d/*
  : >"$b/etc/machine-id"
  echo 'nameserver 127.0.0.1' >"$b/etc/resolv.conf"
  echo 'deb [trusted=yes] file:/opt/repo ./' >"$b/etc/apt/sources.list"
  mkdir -p "$b/opt/repo"
  # what a server without a console, a clock of its own, and package mirrors does not run
  for unit in apt-daily.timer apt-daily-upgrade.timer systemd-timesyncd.service systemd-networkd-wait-online.service; do
    rm -f "$b"/etc/systemd/system/*.wants/$unit
  done
  for unit in getty.target console-getty.service systemd-udevd.service systemd-udev-trigger.service \
    systemd-udevd-kernel.socket systemd-udevd-control.socket e2scrub_reap.service; do
    ln -sf /dev/null "$b/etc/systemd/system/$unit"
  done
  ln -sf /lib/systemd/system/multi-user.target "$b/etc/systemd/system/default.target"
  # host keys are made at first boot, as a cloud image does
  printf '[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n' |
    install -D -m644 /dev/stdin "$b/etc/systemd/system/ssh.service.d/keys.conf"
}

# Resolves against the image's own dpkg status with a private apt state: the folder holds exactly what is lacking.
apt_repo() {
  local repo state options
  base >/dev/null
  repo=$LAB/repo-$SUITE-$(printf '%s\n' "$KEY" "$@" | sha256sum | cut -c1-10)
  (
    flock 9
    [ -s "$repo/Packages" ] && exit 0
    state=$(mktemp -d "$LAB/apt.XXXXXX"); trap 'rm -rf "$state"' EXIT
    rm -rf "$repo" "$repo.new"; mkdir -p "$repo.new/partial" "$state/lists/partial" "$state/cache"
    cp "$BASE/var/lib/dpkg/status" "$state/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror) $SUITE main" >"$state/sources.list"
    # the machine's own hooks may empty caches (docker-clean): none of them here
    printf '#clear APT::Update::Post-Invoke;\n#clear DPkg::Post-Invoke;\n' >"$state/conf"
    options=(-c "$state/conf" -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::State::lists="$state/lists"
      -o Dir::Cache="$state/cache" -o Dir::Cache::archives="$repo.new" -o Dir::Etc::sourcelist="$state/sources.list"
      -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferencesparts=/dev/null -o APT::Sandbox::User=root -o Debug::NoLocking=1)
    apt-get -qq "${options[@]}" update >&2
    apt-get -qq "${options[@]}" install -y --download-only --no-install-recommends "$@" >&2
    rm -rf "$repo.new/partial" "$repo.new/lock"
    (cd "$repo.new" && apt-ftparchive packages . >Packages)
    mv "$repo.new" "$repo"
  ) 9>"$LAB/.lock"
  echo "$repo"
}

# ---- networks ----
net_up() {
  [ ! -e "/run/netns/$SW" ] || return 0
  ip netns add "$SW"
  ip -n "$SW" link set lo up
  ip -n "$SW" link add br0 type bridge forward_delay 0
  ip -n "$SW" link set br0 up
}

# A namespace with eth0 on the bridge: NAME NUMBER. No duplicate address detection: it would delay IPv6 by a second.
port() {
  local ns; ns=$(netns_of "$1")
  ip netns add "$ns"
  ip link add "v-$1" netns "$SW" type veth peer name eth0 netns "$ns"
  ip -n "$SW" link set "v-$1" master br0 up
  ip -n "$ns" link set lo up
  ip netns exec "$ns" sysctl -qw net.ipv6.conf.eth0.accept_dad=0
  ip -n "$ns" link set eth0 up
  case $FAMILY in *4*)
    ip -n "$ns" addr add "$NET4.$2/24" dev eth0
    ip -n "$ns" route add default via $NET4.1 ;;
  esac
  case $FAMILY in *6*)
    ip -n "$ns" addr add "$NET6:$2/64" dev eth0 nodad
    ip -n "$ns" route add default via $NET6:1 ;;
  esac
}

# ---- hosts ----
# DISK=MiB gives the host a disk of its own that can fill up.
up() {
  local name=$1 number=$2 d=$RUN/$1 upper lower=$BASE
  [ -e "$BASE/.ready" ] || fail "$BASE is missing; run: lab.sh base"
  [ ! -e "$d" ] || fail "$name exists already in run $LAB_RUN"
  if [ -n "${FROM:-}" ]; then
    ! alive "$FROM" || fail "$FROM still runs; stop it before copying its disk"
    lower=$RUN/$FROM/up:$BASE
  fi
  mkdir -p "$d/root"
  net_up
  upper=$d
  if [ -n "${DISK:-}" ]; then
    mkdir -p "$d/disk"; truncate -s "${DISK}M" "$d/disk.img"
    mke2fs -q -t ext4 -m 0 -O ^has_journal "$d/disk.img"
    mount -o loop "$d/disk.img" "$d/disk"
    upper=$d/disk
  fi
  mkdir -p "$upper/up" "$upper/work"
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$upper/up,workdir=$upper/work" "$d/root"
  { [ -z "${REPO:-}" ] || echo "--bind-ro=$REPO:/opt/repo"; } >"$d/options"
  echo "${GUEST:-$name}" >"$d/root/etc/hostname"
  printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 %s\n' "${GUEST:-$name}" >"$d/root/etc/hosts"
  port "$name" "$number"
  boot "$name"
}

# Host's root and namespace exist already. A reboot inside makes nspawn end with 133; the loop starts it again.
# API_VFS_WRITABLE=network: sysctl net.* must work. All capabilities: with less, IPAddressDeny= and
# DevicePolicy= are silently not enforced.
boot() {
  local name=$1 d=$RUN/$1 c cgroups="" i
  for c in $CGROUPS; do mkdir -p "$c/orama-lab-$LAB_RUN-$name"; cgroups="$cgroups $c/orama-lab-$LAB_RUN-$name"; done
  (
    cd /
    export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network CG="$cgroups"
    # shellcheck disable=SC2016,SC2046
    exec setsid bash -c 'while :; do
        ( for c in $CG; do echo $BASHPID >$c/cgroup.procs; done; exec "$@" )
        [ $? = 133 ] || exit; done' "lab-$LAB_RUN-$name" \
      systemd-nspawn -q -D "$d/root" -M "$LAB_RUN-$name" --hostname="$(cat "$d/root/etc/hostname")" --register=no --keep-unit \
      --network-namespace-path="/run/netns/$(netns_of "$name")" --resolv-conf=off --timezone=off --link-journal=no \
      --capability=all --system-call-filter=bpf --bind=/dev/net/tun $(cat "$d/options") --console=pipe --boot \
      </dev/null >>"$d/console.log" 2>&1 9>&-
  ) &
  echo $! >"$d/supervisor.pid"
  stat_start $! >"$d/supervisor.start"
  disown
  for i in $(seq 400); do
    [ -z "$(pid1 "$name" 2>/dev/null || true)" ] || return 0
    alive "$name" || { cat "$d/console.log" >&2; fail "$name did not start"; }
    sleep 0.02
  done
  fail "$name did not start within 8 s"
}
start() { boot "$1"; } # power on again: same disk, same addresses

alive() { # also when another process has its number by now
  local pid; pid=$(cat "$RUN/$1/supervisor.pid" 2>/dev/null) &&
    [ -n "$pid" ] && [ "$(stat_start "$pid")" = "$(cat "$RUN/$1/supervisor.start")" ]
}
pid1() { # PID 1 of the host, as seen from here
  local nspawn
  [ -s "$RUN/$1/supervisor.pid" ] || fail "$1: no such host in run $LAB_RUN"
  nspawn=$(pgrep -P "$(cat "$RUN/$1/supervisor.pid")" -x systemd-nspawn | head -1)
  [ -n "$nspawn" ] && pgrep -P "$nspawn" -x systemd | head -1
}
exec_in() { # straight into the namespaces: quick looks
  local p; p=$(pid1 "$1"); shift
  nsenter -t "$p" -a -- "$@"
}
run() { # in a scope of its own: what it daemonizes lives on
  local p; p=$(pid1 "$1"); shift
  nsenter -t "$p" -a -- env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb \
    systemd-run -q --scope --collect --working-directory=/root -- "$@"
}
wait_up() { # NAME [SECONDS]: until systemd says running or degraded
  local name=$1 end=$(($(date +%s) + ${2:-60})) state
  while :; do
    state=$(exec_in "$name" systemctl is-system-running 2>/dev/null || true)
    case $state in running | degraded) echo "$state"; return 0 ;; esac
    alive "$name" || fail "$name is not running"
    [ "$(date +%s)" -lt $end ] || fail "$name is still '$state' after ${2:-60} s"
    sleep 0.1
  done
}

gone() { local i; for i in $(seq 400); do kill -0 "$1" 2>/dev/null || return 0; sleep 0.05; done; return 1; }
stop() { # clean power-off
  alive "$1" || return 0
  kill -RTMIN+4 "$(pid1 "$1")" 2>/dev/null || true
  gone "$(cat "$RUN/$1/supervisor.pid")" || fail "$1 did not power off"
}
power_loss() { # PID 1 of the pid namespace dies, and the kernel kills all in it
  alive "$1" || return 0
  local p; p=$(pid1 "$1" || true)
  [ -z "$p" ] || kill -9 "$p"
  gone "$(cat "$RUN/$1/supervisor.pid")" || fail "$1 did not die"
}
destroy() {
  local name=$1 d=$RUN/$1 c
  [ -d "$d" ] || return 0
  if [ -e "$d/qemu.pid" ]; then
    vm_kill "$name"
    rm -rf "$d"
    return 0
  fi
  thaw "$name" 2>/dev/null || true
  power_loss "$name"
  for c in "$d/root" "$d/disk"; do
    ! mountpoint -q "$c" || umount "$c" 2>/dev/null || umount -l "$c"
  done
  ip -n "$SW" link del "v-$name" 2>/dev/null || true # a namespace's own end takes its time
  ip netns del "$(netns_of "$name")" 2>/dev/null || true
  ip netns del "$(netns_of "$name-router")" 2>/dev/null || true
  for c in $CGROUPS; do
    [ ! -d "$c/orama-lab-$LAB_RUN-$name" ] || find "$c/orama-lab-$LAB_RUN-$name" -depth -type d -exec rmdir {} \; 2>/dev/null || true
  done
  rm -rf "$d"
}
destroy_run() { # everything of this run
  local d name
  [ ! -s "$RUN/acme.pids" ] || acme_down
  for d in "$RUN"/*/; do
    [ -d "$d" ] || continue
    name=$(basename "$d")
    [ "$name" = acme ] || destroy "$name" &
  done
  wait
  ip netns del "$SW" 2>/dev/null || true
  rm -rf "$RUN"
}
sweep() { # runs whose owner (process id, start time) is gone: killed before their trap ran
  local run owner started
  for run in "$LAB"/runs/*/; do
    [ -e "$run/owner" ] || continue
    read -r owner started <"$run/owner"
    [ "$(stat_start "$owner")" != "$started" ] || continue
    LAB_RUN=$(basename "$run") "$0" destroy_run
  done
}
stat_start() { # start time of a process in clock ticks, field 22; the name in field 2 may hold blanks
  { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null || true; } | cut -d' ' -f20
}

# ---- faults ----
cut_cable() { ip -n "$SW" link set "v-$1" down; } # the host sees NO-CARRIER
mend_cable() { ip -n "$SW" link set "v-$1" up; }
# On the way, where neither host sees a rule of its own. Both addresses of one family.
block() {
  local family=ip; case $1 in *:*) family=ip6 ;; esac
  ip netns exec "$SW" nft "add table bridge lab; add chain bridge lab block { type filter hook forward priority 0; policy accept; };
    add rule bridge lab block $family saddr $1 $family daddr $2 udp dport $3 counter drop"
}
unblock() { ip netns exec "$SW" nft delete table bridge lab; }
# NAME gets 198.51.100.NUMBER on a wire of its own to a router, which is 203.0.113.1 to the others and carries
# nothing above MTU either way. "quiet": it tells nobody that a packet was too large, nor answers or passes any
# ICMP; what helps TCP in such networks is there: it writes the size that passes into TCP's handshakes.
move_away() {
  local ns router number; ns=$(netns_of "$1") router=$(netns_of "$1-router")
  number=$(ip -n "$ns" -4 -o addr show dev eth0 | sed -n "s|.*inet $NET4\\.\\([0-9]*\\)/.*|\\1|p")
  [ -n "$number" ] || fail "$1 has no address of $NET4.0/24 to move"
  ip netns add "$router"
  ip -n "$SW" link set "v-$1" netns "$router" name far
  ip link add "v-$1" netns "$SW" type veth peer name near netns "$router"
  ip -n "$SW" link set "v-$1" master br0 up
  ip -n "$router" addr add "$NET4.1/24" dev near
  ip -n "$router" addr add "$NET4_AWAY.1/24" dev far
  ip -n "$router" link set near up
  ip -n "$router" link set far up
  # a route's MTU holds for what is passed on, too
  ip -n "$router" route replace "$NET4.0/24" dev near mtu "$2"
  ip -n "$router" route replace "$NET4_AWAY.0/24" dev far mtu "$2"
  ip netns exec "$router" sysctl -qw net.ipv4.ip_forward=1
  [ "${3:-}" != quiet ] || ip netns exec "$router" nft 'add table ip lab; add chain ip lab out { type filter hook output priority 0; };
    add rule ip lab out ip protocol icmp drop; add chain ip lab pass { type filter hook forward priority 0; }; add rule ip lab pass ip protocol icmp drop;
    add rule ip lab pass tcp flags syn tcp option maxseg size set '"$(($2 - 40))"
  ip -n "$ns" addr flush dev eth0
  ip -n "$ns" addr add "$NET4_AWAY.$number/24" dev eth0
  ip -n "$ns" route replace default via "$NET4_AWAY.1"
}
freeze() { echo 1 >"$CGROUP2/orama-lab-$LAB_RUN-$1/cgroup.freeze"; }
thaw() { echo 0 >"$CGROUP2/orama-lab-$LAB_RUN-$1/cgroup.freeze"; }
# Only with DISK. ext4 refuses long writes while some blocks are left: the last ones go one by one.
fill() {
  exec_in "$1" bash -c 'fallocate -l 1T /var/tmp/fill; cat /dev/zero >/var/tmp/fill
    dd if=/dev/zero of=/var/tmp/fill bs=4096 oflag=append,dsync conv=notrunc' 2>/dev/null || true
}
unfill() { exec_in "$1" rm -f /var/tmp/fill; }

# shellcheck source=tests/support/lab_acme.sh
. "$(dirname "${BASH_SOURCE[0]}")/lab_acme.sh"
# shellcheck source=tests/support/lab_vm.sh
. "$(dirname "${BASH_SOURCE[0]}")/lab_vm.sh"

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  [[ $LAB_RUN =~ ^[a-z0-9]{1,8}$ ]] || fail "LAB_RUN='$LAB_RUN' is not 1 to 8 lower-case letters and digits"
  command=${1:-}
  case $command in
    can | base | apt_repo | up | start | stop | run | exec_in | wait_up | alive | pid1 | root_of | netns_of | power_loss | destroy | \
      destroy_run | sweep | stat_start | cut_cable | mend_cable | block | unblock | move_away | freeze | thaw | fill | unfill | acme_up | acme_down | acme_kill | acme_name | \
      vm_deps | vm_base | vm_up | vm_sh | vm_wait | vm_kill)
      shift
      "$command" "$@" ;;
    *) fail "unknown command '$command'; the commands stand at the top of $0" ;;
  esac
fi
