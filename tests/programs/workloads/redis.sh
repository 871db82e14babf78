# redis-server under redis-benchmark, then filled with known data; saved by a forked child, loaded again. No network:
# a unix socket in the working directory.
socket=$PWD/redis.sock
server=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null || true' EXIT
cli() { redis-cli -s "$socket" "$@"; }

start() {
  redis-server --port 0 --unixsocket "$socket" --dir "$PWD" --save '' --appendonly no --enable-debug-command yes \
    --io-threads 2 --daemonize no >>server.log 2>&1 &
  server=$!
  for _ in {1..200}; do
    [ "$(cli ping 2>/dev/null || true)" = PONG ] && return
    sleep 0.05
  done
  cat server.log >&2
  exit 1
}

stop() {
  cli shutdown nosave
  wait "$server"
  server=
}

resident() { echo "$1 $(awk '/^VmRSS/ { print $2 }' "/proc/$server/status")" >>"$MEASURED"; }

start
redis-benchmark -s "$socket" -q -n 8000 -c 20 -r 5000 -d 200 -t set,get,incr,lpush,rpop,sadd,hset,zadd,mset \
  >benchmark.log
redis-benchmark -s "$socket" -q -n 30000 -c 20 -P 16 -r 100000 -d 1000 -t set,get >>benchmark.log
tr '\r' '\n' <benchmark.log | grep -c 'requests per second'
resident benchmark_kib

cli flushall
cli eval '
  local x = 1
  local function random(n) x = (x * 48271) % 2147483647; return x % n end
  for i = 1, 60000 do
    redis.call("set", "string" .. i, string.rep("v", random(300)))
    redis.call("hset", "hash" .. random(2000), "field" .. random(100), random(1000000))
    redis.call("zadd", "sorted" .. random(200), random(1000), "member" .. random(5000))
    redis.call("rpush", "list" .. random(500), string.rep("e", random(100)))
    redis.call("sadd", "set" .. random(500), random(100000))
    redis.call("append", "string" .. random(i) + 1, "tail")
    if i % 3 == 0 then redis.call("del", "string" .. random(i)) end
  end
  return redis.call("dbsize")' 0
cli debug digest
resident filled_kib

# The child writes the file while the parent goes on changing.
cli bgsave
redis-benchmark -s "$socket" -q -n 10000 -c 10 -r 1000 -t incr,lpush >/dev/null
for _ in {1..200}; do
  cli info persistence | grep -q 'rdb_bgsave_in_progress:0' && break
  sleep 0.05
done
cli info persistence | grep rdb_last_bgsave_status
stop

start
cli debug digest
cli dbsize
cli eval 'local n = 0; for _, k in ipairs(redis.call("keys", "list*")) do n = n + redis.call("llen", k) end; return n' 0
resident loaded_kib
cli flushall async
cli memory purge >/dev/null
cli config set activedefrag no
stop
