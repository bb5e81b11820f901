#!/usr/bin/env bash
# Runs a command with more Erlang/OTP releases than the system's own:
#
#   npm run test:matrix                      the tests that need Node.js, on OTP 27 and 29 too
#   scripts/otp-matrix.sh COMMAND [ARG…]     any other command
#
# Root on Debian only. The first time each release is brought from Debian's archive into a folder of its own under
# OTP_MATRIX_DIR (by default /var/cache/erl-dist-otp): some minutes and about 350 MB each. Tests enter those folders by chroot and
# find them through OTP_MATRIX_DIR. OTP_MATRIX_MIRROR names another mirror than the one of this system's apt.
set -euo pipefail

# Folder and Debian suite: trixie has OTP 27, forky OTP 29.
RELEASES=(otp27:trixie otp29:forky)
PACKAGES=erlang-nox,elixir
export OTP_MATRIX_DIR=${OTP_MATRIX_DIR:-/var/cache/erl-dist-otp}
export PATH=$PATH:/usr/sbin:/sbin

main() {
  local release
  for release in "${RELEASES[@]}"; do
    bring "$OTP_MATRIX_DIR/${release%%:*}" "${release##*:}"
  done
  [ $# -eq 0 ] || exec "$@"
}

bring() {
  local folder=$1 suite=$2
  if [ ! -x "$folder/usr/bin/erl" ]; then
    need_debootstrap "$suite"
    echo "Bringing Debian $suite into $folder; details in $folder.log" >&2
    mkdir -p "$folder"
    if ! debootstrap --variant=minbase --include="$PACKAGES" "$suite" "$folder" "${OTP_MATRIX_MIRROR:-$(mirror)}" >"$folder.log" 2>&1; then
      tail -n 20 "$folder.log" >&2
      rm -rf --one-file-system "$folder"
      return 1
    fi
  fi
  echo "$folder: OTP $(chroot "$folder" erl -noshell -eval 'io:put_chars(erlang:system_info(otp_release)), halt().')" >&2
}

need_debootstrap() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Bringing further releases needs root on Debian. Run: sudo npm run test:matrix" >&2
    exit 1
  fi
  command -v debootstrap >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap >/dev/null; }
  # An older debootstrap does not know the newest suites; all of them are built as sid is.
  local scripts=/usr/share/debootstrap/scripts
  [ -e "$scripts/$1" ] || ln -s sid "$scripts/$1"
}

mirror() {
  # Either format of apt's sources; the main archive comes first in both.
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null |
    awk '$1 == "URIs:" { print $2 } $1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) { print $i; break } }' |
    head -n 1 || true
}

main "$@"
