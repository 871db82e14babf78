# git: a repository with a few hundred files and thirty commits; packed, checked, searched, read back.
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@example.com
git init -q -b trunk repository
cd repository
git config pack.threads 2
git config gc.auto 0
for commit in {1..30}; do
  export GIT_AUTHOR_DATE="@$((1700000000 + commit * 60)) +0000" GIT_COMMITTER_DATE="@$((1700000000 + commit * 60)) +0000"
  awk -v commit="$commit" 'BEGIN {
    for (file = 0; file < 300; file++) {
      if (commit > 1 && (file * 7 + commit) % 13) continue
      name = sprintf("folder%d/file%d.txt", file % 17, file)
      if (commit == 1) system("mkdir -p folder" file % 17)
      for (line = 0; line < 60 + file % 90; line++)
        printf "file %d line %d of commit %d: %d\n", file, line, line % 5 ? 1 : commit, line * 2654435761 % 1000003 > name
      close(name)
    }
  }'
  git add -A
  git commit -q -m "Commit $commit"
done
git branch side HEAD~10
git log --format='%H %s' --stat | sha256sum
git log -p --no-color | sha256sum
git gc -q --aggressive --prune=now
git fsck --full 2>/dev/null
git log --format=%H -M -C --find-copies-harder --name-status | sha256sum
git diff HEAD~15 --stat | tail -1
git diff --word-diff=porcelain HEAD~3 | sha256sum
git blame folder3/file20.txt | sha256sum
git grep -c 'commit 2[0-9]' | sha256sum
git checkout -q side
git merge -q -s ours -m merge trunk
git rev-parse HEAD
git clone -q --no-local . ../clone
git -C ../clone rev-parse HEAD
git archive trunk | sha256sum
