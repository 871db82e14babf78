# stress-ng's malloc stressor with its own checks (processes, threads, touching, trimming, zeroing), then others that
# live on malloc or fork a lot.
run() {
  if stress-ng "$@" --verify --timeout 60 >stress.log 2>&1 && ! grep -E 'fail:|error:' stress.log >&2; then
    echo "$*: ok"
  else
    cat stress.log >&2
    echo "$*: failed"
    exit 1
  fi
}
run --malloc 2 --malloc-ops 40000 --malloc-bytes 1M --malloc-max 500
run --malloc 1 --malloc-ops 10000 --malloc-bytes 256K --malloc-max 1000 --malloc-pthreads 4 --malloc-touch
run --malloc 2 --malloc-ops 20000 --malloc-bytes 8M --malloc-max 50 --malloc-thresh 65536 --malloc-zerofree
run --fork 2 --fork-ops 1500
run --tree 1 --tree-ops 20 --tree-size 20000
run --hsearch 1 --hsearch-ops 300
run --qsort 1 --qsort-ops 3
