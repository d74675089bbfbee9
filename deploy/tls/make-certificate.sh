#!/bin/sh
# Makes a self-signed certificate for a try of TLS, good for 30 days: quizbell.pem.
#   usage: make-certificate.sh [host name [folder]]     default: localhost deploy/tls/certificate
set -eu
host=${1:-localhost}
folder=${2:-$(dirname "$0")/certificate}
mkdir -p "$folder"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$host" \
  -addext "subjectAltName=DNS:$host,DNS:localhost,IP:127.0.0.1" \
  -keyout "$folder/key.part" -out "$folder/certificate.part" 2>/dev/null
cat "$folder/certificate.part" "$folder/key.part" >"$folder/quizbell.pem.new"
rm "$folder/certificate.part" "$folder/key.part"
# HAProxy's user in the container is nobody on this machine. Do not do this with a real key: give that to user 99.
chmod 644 "$folder/quizbell.pem.new"
mv "$folder/quizbell.pem.new" "$folder/quizbell.pem"
echo "$folder/quizbell.pem is for $host"
