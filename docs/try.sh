# Functions for the lines of docs/glossary.md, beside a cluster that `make cluster` runs. In bash:  . docs/try.sh
# shellcheck shell=bash disable=SC1091,SC2034
. "${DIR:-/tmp/masthead-dev-cluster}/env"

site=http://localhost:8080
other=http://localhost:8081
jar=$(mktemp)

# metric NAME [NODE]: the metrics of node 0 (or 1) whose names begin so, after `masthead_`
metric() { curl -s "localhost:908${2:-0}/metrics" | grep "^masthead_$1"; }

# page ADDRESS [ARGUMENTS]: status, what the cache did, validator, seconds
page() {
  curl -s -o /dev/null -D - -w '%{time_total} s\n' "$@" | grep -iE '^(HTTP|cache-status|retry-after|etag|[0-9.]+ s)'
}

# as_ann ARGUMENTS: curl with ann's session
as_ann() { curl -s -b "$jar" -c "$jar" -H 'Sec-Fetch-Site: same-origin' "$@"; }

# log PATTERN [NODE]: what the log of node 0 (or 1) says of it
log() { grep -hE "$1" "$(dirname "$MASTHEAD_DATA_DIR")/node${2:-0}.log" | tail -n 5; }

# query SQL [ARGUMENTS]: asks the primary (0) as the role that serves
query() { psql "$MASTHEAD_DATABASE_URL" -c "$@"; }

# new: opens the form for a new post as ann; its id is in $id
new() {
  local form
  form=$(as_ann "$site/new")
  id=$(grep -o 'name="id" value="[^"]*' <<<"$form" | cut -d '"' -f 4)
  form_address=$site$(grep -o '/new?id_signature=[^"]*' <<<"$form" | head -n 1)
}

# save VERSION TEXT [TITLE]: sends that form with a text that began from this version, and prints the status
save() {
  as_ann -o /dev/null -w '%{http_code}\n' "$form_address" -d "id=$id" -d kind=post -d "version=$1" -d action=save \
    --data-urlencode "title=${3:-A post}" --data-urlencode "markdown=$2"
}

# publish TITLE: publishes a post as ann, and prints its address
publish() {
  new
  save 0 'Some text.' "$1" >/dev/null
  as_ann -o /dev/null -w '%{redirect_url}\n' -d '' "$site/p/$id/publish"
}

# Sample content, and an account for ann, unless they are there.
[ "$(curl -s -o /dev/null -w '%{http_code}' "$site/@ann")" = 200 ] || {
  masthead demo load
  echo 'four plain words here' |
    masthead user create ann --email ann@example.org --role owner --password-stdin
}
as_ann -o /dev/null "$site/login" -d login=ann --data-urlencode 'password=four plain words here'
