git config --global credential.helper '!f() { echo username=x-access-token; echo "password=$TOKEN"; }; f'
git init --quiet --bare portal.git
git -C portal.git fetch --quiet --no-tags "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" '+refs/heads/*:refs/heads/*'
