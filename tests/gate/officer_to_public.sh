#!/bin/sh
# From an officer's draft to the public page, with nothing but git and the commands of the README.
#
#   officer_to_public.sh WORK URL
#
# WORK holds portal/ (whose people.yml names the keys), keys/PERSON and keys/PERSON.pub; the server's repository is made
# in WORK/server.git and reached at URL, a path or ssh://…. With SSH set, each person's ssh is `$SSH -i KEY`.
set -eu
work=$1
url=$2
site=$work/site
title="潮汐观测科完成望潮站水尺更换"

as() { # as PERSON COMMAND…: run it in the person's own folder, with the person's own ssh (here: options and key)
    person=$1
    shift
    (
        PATH=$work/bin-$person:$PATH
        cd "$work/desk-$person" 2>/dev/null || cd "$work"
        "$@"
    )
}

for person in tide-officer tide-head office-reviewer; do
    mkdir "$work/bin-$person"
    [ -z "${SSH:-}" ] || printf '#!/bin/sh\nexec %s -i %s "$@"\n' "$SSH" "$work/keys/$person" >"$work/bin-$person/ssh"
    chmod -R +x "$work/bin-$person"
done

# The operator makes the server's repository; what the portal holds becomes its genesis.
gongkai server init "$work/server.git" --from "$work/portal"

# Everybody makes a clone their own.
for person in tide-officer tide-head office-reviewer; do
    as "$person" gongkai setup "$url" "$work/desk-$person" --person "$person" --key "$work/keys/$person"
done

# The officer begins a new item, fills it in, has it checked and hands it in.
item=$(as tide-officer gongkai new news --department tide --title "$title")
id=$(basename "$item" .md)
case $item in /*) file=$item ;; *) file=$work/desk-tide-officer/$item ;; esac
cat >"$file" <<END
---
id: $id
type: news
title: $title
department: tide
officer: tide-officer
summary: 观测员更换望潮站水尺，并完成与水准点的联测。
occurred_on: "$(TZ=Asia/Shanghai date +%Y-%m-%d)"
category: measures
source: 潮汐观测科
openness: proactive
secrecy: public
personal_information: {present: false}
retention: 10y
---

观测员更换了望潮站水尺，并完成与水准点的联测，结果全部符合要求。
END
as tide-officer gongkai check "$item"
number=$(as tide-officer gongkai submit "$item" | grep -oE 'S-[0-9]{4}-[0-9]{5}' | head -n 1)
as tide-officer gongkai status

# Two reviewers look at it and approve it; the second approval makes the server accept.
for person in tide-head office-reviewer; do
    as "$person" gongkai review list
    as "$person" gongkai review show "$number" --no-page
    as "$person" gongkai review approve "$number"
done

# Anybody can verify it; the publisher countersigns, records what is public, and builds the portal.
as tide-officer gongkai audit
git clone --quiet "$work/server.git" "$work/publisher"
gongkai server published "$work/server.git"
gongkai audit countersign --repo "$work/publisher" --key "$work/keys/publisher" --state "$work/checkpoints"
gongkai --root "$work" build --repo "$work/server.git" --checkpoints "$work/checkpoints" --site-dir "$site"
gongkai evidence "$id" --repo "$work/publisher"
gongkai audit --repo "$work/publisher" --checkpoint "$site/checkpoints.json" --publisher "$work/keys/publisher.pub" --max-age 1

# The public finds it in the list of its department, on its page, and beside it how it was reviewed.
page=tide/$(echo "$id" | sed -E 's/^tide-([0-9]{4})-([0-9]{5})$/\1\/\2/').html
grep -q "$title" "$site/departments/tide/index.html"
grep -q "<h1>$title</h1>" "$site/$page"
grep -q "href=\"../../evidence/$page\"" "$site/$page"
grep -q "$title" "$site/evidence/$page"
echo "$site/$page"
