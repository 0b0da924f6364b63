#!/bin/sh
# Makes an image of several layers with umoci in the layout ./layout under the tag "plain", and unpacks it to ./expected.
#   make-image.sh UMOCI
# Needs root: owners, devices, capabilities.
set -eu
umoci=$1
note() { setfattr -n "$1" -v "$2" "$3"; }

"$umoci" init --layout layout
"$umoci" new --image layout:plain
"$umoci" unpack --image layout:plain first

root=first/rootfs
mkdir -p "$root/bin" "$root/etc" "$root/data" "$root/dir/sub" "$root/opaque" "$root/becomes-file"
echo hello >"$root/etc/hello"
echo goodbye >"$root/etc/goodbye"
echo covered >"$root/opaque/old"
echo covered >"$root/dir/sub/old"
: >"$root/etc/empty"
: >"$root/becomes-folder"
head -c 64 /dev/urandom >"$root/data/64-bytes"
head -c 65 /dev/urandom >"$root/data/65-bytes"
head -c 5000000 /dev/urandom >"$root/data/large"
printf '#!/bin/sh\n' >"$root/bin/tool"
echo unicode >"$root/data/grüße 中"
ln "$root/bin/tool" "$root/bin/same-tool"
ln -s ../etc/hello "$root/bin/relative"
ln -s /nowhere/at/all "$root/dangling"
mknod "$root/etc/null" c 1 3
mknod "$root/etc/disk" b 259 70000
mkfifo "$root/etc/fifo"
chmod 4755 "$root/bin/tool"
chmod 2755 "$root/dir"
chmod 1777 "$root/dir/sub"
chmod 0640 "$root/etc/empty"
chown -h 1000:2000 "$root/etc/hello" "$root/dir" "$root/dangling"
chown 4294967294:100000 "$root/data/64-bytes"
note user.note value "$root/etc/hello"
note user.folder yes "$root/dir"
note security.capability 0sAQAAAgAgAAAAAAAAAAAAAAAAAAA= "$root/data/65-bytes"
touch -d '1970-01-01T00:00:00Z' "$root/etc/empty"
touch -h -d '1999-01-01T00:00:00Z' "$root/dangling"
touch -d '2106-02-07T06:28:17Z' "$root/etc/goodbye"
"$umoci" repack --image layout:plain first

# The second layer: whiteouts, replacements of one type by another, links to what the first has.
"$umoci" unpack --image layout:plain second
root=second/rootfs
rm "$root/etc/goodbye" "$root/etc/fifo" "$root/dangling"
rm -r "$root/opaque" "$root/becomes-file" "$root/becomes-folder"
mkdir "$root/opaque" "$root/becomes-folder" "$root/dangling"
echo uncovered >"$root/opaque/new"
echo file >"$root/becomes-file"
echo inside >"$root/dangling/inside"
ln "$root/data/large" "$root/data/same-large"
chmod 0700 "$root/dir"
"$umoci" repack --image layout:plain second

# The third, by GNU tar: PAX headers with nanoseconds, long names, attributes of any bytes; an opaque whiteout.
root=third
mkdir -p "$root/dir/sub" "$root/etc"
chmod 0750 "$root/dir/sub"
echo third >"$root/dir/sub/new"
ln "$root/dir/sub/new" "$root/dir/sub/same-new"
: >"$root/dir/sub/.wh..wh..opq"
: >"$root/etc/.wh.disk"
long=$(printf '%0200d' 0)
echo long >"$root/$long"
ln -s "$long/$long" "$root/long-target"
note user.bytes "0x$(printf '\000\n=\377' | od -An -tx1 | tr -d ' ')" "$root/dir/sub/new"
note trusted.kept no "$root/dir/sub/new"
touch -d '2011-11-11T11:11:11.987654321Z' "$root/dir/sub/new"
touch -d '1969-12-31T23:59:58.5Z' "$root/$long"
tar --format=posix --xattrs --xattrs-include='*' --numeric-owner -C "$root" -cf third.tar .
"$umoci" raw add-layer --image layout:plain third.tar

"$umoci" unpack --image layout:plain expected
