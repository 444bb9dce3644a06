# Sourced by lab.sh: virtual machines with a kernel of their own (Debian's cloud kernel under QEMU, emulated: no KVM), for
# what containers cannot show: the kernel's WireGuard, modules, another clock. They stand on the same bridge as containers.
#   lab.sh vm_deps                install what this needs (qemu, busybox, cpio), only for tests that raise one
#   lab.sh vm_base                make the disk, kernel and initial ramdisk of $SUITE
#   lab.sh vm_up NAME NUMBER      start 203.0.113.NUMBER; again after vm_kill: the same disk
#   lab.sh vm_sh NAME [COMMAND]   ssh as root; the command is one word for the shell inside
#   lab.sh vm_wait NAME [SECONDS] until systemd says running or degraded
#   lab.sh vm_kill NAME           power cut
#   MEMORY                        MiB of vm_up (1024)
#   REPO                          its only package source, on a disk of its own at /opt/repo
#   FROM                          a stopped container of this run: what it has more than the image, vm_up's machine has too
# shellcheck shell=bash

VM=$LAB/vm-$SUITE-$KEY
VM_MODULES="drivers/net/wireguard drivers/net/tun.ko drivers/net/veth.ko drivers/net/dummy.ko drivers/net/virtio_net.ko
  drivers/net/net_failover.ko net/core net/netfilter net/ipv4 net/ipv6 net/sched net/bridge lib crypto arch/x86/crypto
  drivers/virtio drivers/block/virtio_blk.ko drivers/char/hw_random"
VM_FIRST_MODULES="virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk failover net_failover virtio_net"
VM_MASKED="systemd-udevd.service systemd-udev-trigger.service systemd-udevd-kernel.socket systemd-udevd-control.socket
  getty.target serial-getty@ttyS0.service systemd-binfmt.service dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount
  sys-kernel-tracing.mount sys-fs-fuse-connections.mount systemd-hwdb-update.service systemd-journal-catalog-update.service
  modprobe@drm.service modprobe@efi_pstore.service modprobe@fuse.service modprobe@configfs.service systemd-rfkill.socket
  e2scrub_reap.service"

vm_deps() {
  local missing=() program
  for program in qemu-system-x86_64:qemu-system-x86 qemu-img:qemu-utils busybox:busybox-static cpio:cpio mke2fs:e2fsprogs ssh:openssh-client; do
    command -v "${program%:*}" >/dev/null || missing+=("${program#*:}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  mkdir -p "$LAB/debs/partial"
  apt-get -qq -o DPkg::Lock::Timeout=300 update >&2
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dir::Cache::archives="$LAB/debs" \
    install --no-install-recommends "${missing[@]}" >&2
}

vm_base() { # printed: the folder
  (
    flock 9
    [ ! -e "$VM/.ready" ] || exit 0
    [ -f "$TAR" ] || fail "$TAR is missing; run: lab.sh base"
    rm -rf "$VM"; mkdir -p "$VM"/{kernel,tools,root,ramdisk/{bin,mod,proc,sys,dev,new},archives/partial}
    vm_fetch
    vm_root "$VM/root"
    mke2fs -q -t ext4 -d "$VM/root" -J size=16 "$VM/base.ext4" 8000M
    vm_ramdisk
    rm -rf "$VM"/{kernel,tools,root,ramdisk,archives}
    : >"$VM/.ready"
  ) 9>"$LAB/.lock"
  echo "$VM"
}

vm_fetch() { # kernel and kmod, unpacked, not installed
  local image
  image=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ {print $2}')
  (cd "$VM/archives" && apt-get -qq -o Dir::Cache::archives="$VM/archives" -o APT::Sandbox::User=root download "$image" kmod libkmod2 >&2)
  dpkg-deb -x "$VM"/archives/linux-image-*.deb "$VM/kernel"
  dpkg-deb -x "$VM"/archives/kmod_*.deb "$VM/tools"
  dpkg-deb -x "$VM"/archives/libkmod2_*.deb "$VM/tools"
  cp "$VM"/kernel/boot/vmlinuz-* "$VM/vmlinuz"
}

vm_root() { # the containers' image with modules, and a key for root
  local r=$1 version modules part unit
  version=$(ls "$VM/kernel/lib/modules")
  modules=$VM/kernel/lib/modules/$version
  tar --zstd -xpf "$TAR" -C "$r"
  make_bootable "$r"
  for part in bin sbin lib usr; do # usr is merged inside
    [ ! -d "$VM/tools/$part" ] || cp -a "$VM/tools/$part/." "$r/usr/$([ $part = usr ] || echo $part/)"
  done
  mkdir -p "$r/usr/lib/modules/$version"
  cp "$modules"/modules.{builtin,order,builtin.modinfo} "$r/usr/lib/modules/$version/"
  for part in $VM_MODULES; do
    [ ! -e "$modules/kernel/$part" ] || (cd "$modules" && cp -r --parents "kernel/$part" "$r/usr/lib/modules/$version/")
  done
  chroot "$r" depmod "$version"
  for unit in $VM_MASKED; do ln -sf /dev/null "$r/etc/systemd/system/$unit"; done
  rm -rf "$r/etc/systemd/system/ssh.service.d" "$r/etc/hosts"
  ssh-keygen -q -t ed25519 -N '' -f "$VM/id"
  ssh-keygen -q -t ed25519 -N '' -f "$r/etc/ssh/ssh_host_ed25519_key"
  install -d -m700 "$r/root/.ssh"
  install -m600 "$VM/id.pub" "$r/root/.ssh/authorized_keys"
}

vm_ramdisk() {
  local d=$VM/ramdisk name
  cp "$(command -v busybox)" "$d/bin/"
  for name in $VM_FIRST_MODULES; do
    find "$VM/kernel/lib/modules" -name "$name.ko" -exec cp {} "$d/mod/" \;
  done
  cat >"$d/init" <<INIT
#!/bin/busybox sh
B=/bin/busybox
\$B mount -t proc proc /proc; \$B mount -t sysfs sys /sys; \$B mount -t devtmpfs dev /dev
for m in $VM_FIRST_MODULES; do \$B insmod /mod/\$m.ko; done
for a in \$(\$B cat /proc/cmdline); do case \$a in lab.ip=*) IP=\${a#lab.ip=};; lab.name=*) N=\${a#lab.name=};; esac; done
i=0; while [ ! -b /dev/vda ] && [ \$i -lt 100 ]; do \$B usleep 50000; i=\$((i+1)); done
\$B mount -t ext4 -o rw,noatime /dev/vda /new
[ -e /new/etc/hosts ] || { echo \$N >/new/etc/hostname; printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 %s\n' \$N >/new/etc/hosts; }
# Here, not by fstab: without udev systemd never sees the device.
[ ! -b /dev/vdb ] || \$B mount -t ext4 -o ro /dev/vdb /new/opt/repo
\$B ip link set lo up; \$B ip addr add \$IP dev eth0; \$B ip link set eth0 up; \$B ip route add default via \${IP%.*}.1
\$B umount /proc; \$B umount /sys; \$B mount -o move /dev /new/dev
exec \$B switch_root /new /sbin/init
INIT
  chmod +x "$d/init"
  (cd "$d" && find . | cpio -o -H newc --quiet | gzip -1 >"$VM/initrd.gz")
}

# A copy of the machine's disk with what the container $FROM has written; packages are so installed by this machine's
# processor, not by the emulated one.
vm_disk_like() {
  local d=$1 upper=$RUN/$FROM/up gone=$1/gone
  ! alive "$FROM" || fail "$FROM still runs; stop it before copying its disk"
  cp --sparse=always "$VM/base.ext4" "$d/base.ext4"
  mkdir -p "$d/disk"
  mount -o loop "$d/base.ext4" "$d/disk"
  (cd "$upper" && find . -type c -exec stat -c '%t:%T %n' {} + | sed -n 's/^0:0 //p') >"$gone" # overlay's marks of deletion
  tar -C "$upper" -c --exclude-from="$gone" --exclude=./etc/hosts --exclude=./etc/hostname . | tar -C "$d/disk" -xp
  (cd "$d/disk" && xargs -rd '\n' rm -rf --) <"$gone"
  umount "$d/disk"
}

vm_up() {
  local name=$1 number=$2 d=$RUN/$1 base=$VM/base.ext4 disks
  [ -e "$VM/.ready" ] || fail "$VM is missing; run: lab.sh vm_base"
  mkdir -p "$d"
  net_up
  ip -n "$SW" addr replace "$NET4.254/24" dev br0 # from here ssh goes in
  ip -n "$SW" tuntap add "v-$name" mode tap
  ip -n "$SW" link set "v-$name" master br0 up
  if [ ! -e "$d/disk.qcow2" ]; then
    [ -z "${FROM:-}" ] || { vm_disk_like "$d"; base=$d/base.ext4; }
    qemu-img create -q -f qcow2 -b "$base" -F raw "$d/disk.qcow2"
  fi
  disks=(-drive "file=$d/disk.qcow2,if=none,id=d0,format=qcow2,cache=unsafe" -device virtio-blk-pci,drive=d0)
  if [ -n "${REPO:-}" ]; then
    [ -e "$REPO.ext4" ] || { mke2fs -q -t ext4 -m 0 -O ^has_journal -d "$REPO" "$REPO.ext4.new" 300M && mv "$REPO.ext4.new" "$REPO.ext4"; }
    disks+=(-drive "file=$REPO.ext4,if=none,id=d1,format=raw,readonly=on" -device virtio-blk-pci,drive=d1)
  fi
  setsid ip netns exec "$SW" qemu-system-x86_64 -accel tcg,thread=multi,tb-size=256 -cpu max,-xsave,-la57 -smp 1 -machine q35 \
    -m "${MEMORY:-1024}" -display none -nodefaults -no-user-config -serial "file:$d/console.log" \
    -kernel "$VM/vmlinuz" -initrd "$VM/initrd.gz" \
    -append "console=ttyS0 quiet panic=-1 mitigations=off lab.ip=$NET4.$number/24 lab.name=$name" "${disks[@]}" \
    -netdev "tap,id=n0,ifname=v-$name,script=no,downscript=no" \
    -device "virtio-net-pci,netdev=n0,mac=52:54:00:00:00:$(printf %02x "$number")" </dev/null >"$d/qemu.log" 2>&1 9>&- &
  echo $! >"$d/qemu.pid"
  echo "$NET4.$number" >"$d/address"
  disown
}

vm_sh() {
  local d=$RUN/$1
  [ -s "$d/address" ] || fail "$1: no such virtual machine in run $LAB_RUN"
  shift
  ip netns exec "$SW" ssh -q -i "$VM/id" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=60 \
    -o ServerAliveInterval=30 -o ServerAliveCountMax=10 "root@$(cat "$d/address")" "$@"
}

vm_wait() {
  local name=$1 end=$(($(date +%s) + ${2:-240})) state
  while :; do
    state=$(vm_sh "$name" systemctl is-system-running 2>/dev/null || true)
    case $state in running | degraded) echo "$state"; return 0 ;; esac
    vm_alive "$name" || { cat "$RUN/$name/qemu.log" >&2; fail "$name: qemu has ended"; }
    [ "$(date +%s)" -lt $end ] || fail "$name is still '${state:-without ssh}' after ${2:-240} s"
    sleep 0.5
  done
}

vm_alive() { kill -0 "$(cat "$RUN/$1/qemu.pid" 2>/dev/null)" 2>/dev/null; }
vm_kill() {
  ! vm_alive "$1" || kill -9 "$(cat "$RUN/$1/qemu.pid")"
  gone "$(cat "$RUN/$1/qemu.pid")" || fail "qemu of $1 does not end"
  ip -n "$SW" link del "v-$1" 2>/dev/null || true
}
