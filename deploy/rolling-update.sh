#!/usr/bin/env bash
#
# Replaces every gateway and every scheduler by one of the image and configuration of now, one at a time and while rooms are
# live: a new one is started and waited for, then an old one is asked to go, which sends its members to the others.
#
#   git pull && docker compose build && deploy/rolling-update.sh
#
#   usage: deploy/rolling-update.sh [--json] [options of docker compose, such as -p NAME or -f FILE]
#   exit:  0 all were replaced; 1 a new one did not get ready: it was removed and its log is shown, and the old ones that were
#          not replaced yet go on; 2 nothing runs
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly READY_S=60 # a new container is given up after this

json=false
if [[ ${1:-} == --json ]]; then
  json=true
  shift
fi
options=("$@")
figures=()

say() { printf '%s\n' "$*" >&2; }
# Written so that an empty list is none also for the bash 3.2 of macOS.
compose() { docker compose ${options[@]+"${options[@]}"} "$@"; }
containers_of() { compose ps --quiet --no-trunc "$1" | sort; }
health_of() { docker inspect --format '{{.State.Status}} {{.State.Health.Status}}' "$1"; }

# start_one SERVICE: one container more than there are; its id is in $new.
start_one() {
  local service=$1 before=$2 count
  count=$(wc -l <<<"$before")
  # Without --no-recreate the old ones would be replaced all at once.
  compose up --detach --no-deps --no-recreate --no-build --scale "$service=$((count + 1))" "$service" >&2
  new=$(comm -13 <(echo "$before") <(containers_of "$service"))
}

wait_until_ready() {
  local id=$1 tries=$((READY_S * 2))
  until [[ $(health_of "$id") == 'running healthy' ]]; do
    ((tries-- > 0)) || return 1
    sleep 0.5
  done
}

replace_all() {
  local service=$1 old id new began=$SECONDS replaced=0
  old=$(containers_of "$service")
  if [[ -z $old ]]; then
    say "No $service runs. Start Quizbell first: docker compose up -d --wait"
    exit 2
  fi
  for id in $old; do
    start_one "$service" "$(containers_of "$service")"
    if ! wait_until_ready "$new"; then
      say "The new $service is not ready after $READY_S s; it is removed, and the old ones go on. Its log:"
      docker logs --tail 50 "$new" >&2
      docker rm --force "$new" >/dev/null
      exit 1
    fi
    # The load balancer has known the new one for as long as its health was waited for.
    docker stop "$id" >/dev/null
    docker rm "$id" >/dev/null
    replaced=$((replaced + 1))
    say "$service $replaced of $(wc -l <<<"$old") replaced"
  done
  figures+=("{\"service\":\"$service\",\"replaced\":$replaced,\"seconds\":$((SECONDS - began))}")
}

replace_all gateway
replace_all scheduler
if $json; then printf '{"ok":true,"services":[%s,%s]}\n' "${figures[@]}"; fi
