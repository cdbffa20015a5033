#!/usr/bin/env bash
# Keeps one comment of a pull request for each environment: the first time it is added, then it is updated.
# Where nothing changes and nothing was said before, nothing is said.
#
#   .github/comment.sh NUMBER ENVIRONMENT COMMENT.md REVIEW.json
#
# Needs GH_TOKEN and GITHUB_REPOSITORY.
set -euo pipefail

number=$1 environment=$2 comment=$3 review=$4
if ! [[ $number =~ ^[0-9]+$ && $environment =~ ^[a-z0-9-]+$ ]]; then
  echo "comment.sh: NUMBER must be digits, ENVIRONMENT letters, digits and dashes" >&2
  exit 2
fi
export MARKER="<!-- backplane review: $environment -->"
comments="repos/$GITHUB_REPOSITORY/issues"

# A marker in somebody else's comment is not ours.
existing=$(gh api --paginate "$comments/$number/comments?per_page=100" |
  jq -rs '[.[][] | select(.user.login == "github-actions[bot]" and (.body | startswith(env.MARKER))) | .id][0] // empty')

if [[ -z $existing && $(jq -r .changed "$review") == false ]]; then
  exit 0
fi
body=$(mktemp)
trap 'rm -f "$body"' EXIT
printf '%s\n' "$MARKER" | cat - "$comment" > "$body"
if [[ -n $existing ]]; then
  gh api --silent --method PATCH "$comments/comments/$existing" -F body=@"$body"
else
  gh api --silent --method POST "$comments/$number/comments" -F body=@"$body"
fi
