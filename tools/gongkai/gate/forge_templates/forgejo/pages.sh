api="$GITHUB_SERVER_URL/api/v1/repos/$GITHUB_REPOSITORY"
one() { curl --fail --silent --show-error --header "Authorization: token $TOKEN" "$api/$1"; }
pages() {
  n=1
  while one "$1?limit=50&page=$n" > "$2.$n.json"; do
    printf -- '--%s %s ' "$2" "$2.$n.json" >> options
    python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); sys.exit(not (d.get("workflow_runs") if isinstance(d, dict) else d))' "$2.$n.json" || return 0
    n=$((n + 1))
  done
  return 1
}
