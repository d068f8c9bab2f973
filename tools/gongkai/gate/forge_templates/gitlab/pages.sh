api="$CI_API_V4_URL/projects/$CI_PROJECT_ID"
one() { curl --fail --silent --show-error --header "PRIVATE-TOKEN: $GITLAB_READ_TOKEN" "$api/$1"; }
pages() {
  n=1
  while one "$1?per_page=100&page=$n$4" > "$2.$3.$n.json"; do
    printf -- '--%s %s ' "$2" "$2.$3.$n.json" >> options
    python3 -c 'import json,sys; sys.exit(not json.load(open(sys.argv[1])))' "$2.$3.$n.json" || return 0
    n=$((n + 1))
  done
  return 1
}
records() {
  : > options
  one "merge_requests/$1" > request.json
  one "merge_requests/$1/approvals" > approvals.json
  printf -- '--reviews approvals.json ' >> options
  pages "merge_requests/$1/versions" reviews versions
  pages "merge_requests/$1/notes" reviews notes
  pages "merge_requests/$1/reviewers" reviews reviewers
  pages "events" pushes events "&action=pushed"
  pages "merge_requests/$1/pipelines" pipelines list
  sed -i 's/--pipelines [^ ]* //g' options
  for id in $(python3 -c 'import glob,json; print(*(p["id"] for f in glob.glob("pipelines.list.*.json") for p in json.load(open(f))))'); do
    pages "pipelines/$id/jobs" runs "$id"
  done
}
