git config --global credential.helper '!f() { echo username=gitlab-ci-token; echo "password=$CI_JOB_TOKEN"; }; f'
git init --quiet --bare portal.git
git -C portal.git fetch --quiet --no-tags "$CI_PROJECT_URL.git" '+refs/heads/*:refs/heads/*' '+refs/merge-requests/*/head:refs/gongkai/mr/*'
