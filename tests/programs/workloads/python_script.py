"""A mixed load for the interpreter; prints only what it computed."""

import bz2
import collections
import concurrent.futures
import gc
import hashlib
import json
import lzma
import multiprocessing
import pickle
import random
import re
import sqlite3
import threading
import zlib


def digest(value):
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


class Node:
    def __init__(self, key):
        self.key = key
        self.links = []
        self.extra = {"key": key, "text": str(key) * (key % 7)}


def containers():
    draw = random.Random(1)
    table = collections.defaultdict(list)
    for _ in range(200_000):
        table[draw.randrange(5000)].append(draw.random())
    for key in list(table)[::3]:
        del table[key]
    heap = sorted((len(values), key) for key, values in table.items())
    return digest(heap)


def cycles():
    draw = random.Random(2)
    nodes = [Node(key) for key in range(60_000)]
    for node in nodes:
        node.links = [draw.choice(nodes) for _ in range(3)]
    reached, todo = set(), [nodes[0]]
    while todo:
        node = todo.pop()
        if node.key not in reached:
            reached.add(node.key)
            todo.extend(node.links)
    count = len(reached)
    del nodes, node, todo
    gc.collect()
    return count


def texts():
    draw = random.Random(3)
    words = ["".join(draw.choices("abcdeé☃", k=draw.randrange(1, 30))) for _ in range(50_000)]
    text = " ".join(words)
    found = collections.Counter(re.findall(r"\b(a+b\w*)", text))
    return len(text), digest(found.most_common(20)), digest(re.sub(r"(\w)\1", r"<\1>", text)[:100_000])


def formats():
    draw = random.Random(4)
    data = {f"key{i}": [draw.randrange(1 << 70), draw.random(), "x" * draw.randrange(100)] for i in range(20_000)}
    packed = pickle.dumps(data)
    assert pickle.loads(packed) == data == json.loads(json.dumps(data))
    return [hashlib.sha256(pack(packed)).hexdigest()[:16] for pack in (zlib.compress, bz2.compress, lzma.compress)]


def database():
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (id integer primary key, name text, value real)")
    connection.executemany("insert into t (name, value) values (?, ?)", ((f"n{i % 997}", i * 0.5) for i in range(50_000)))
    connection.execute("create index i on t (name)")
    return connection.execute("select name, count(*), sum(value) from t group by name order by 3 desc limit 3").fetchall()


def work(seed):
    draw = random.Random(seed)
    pieces = []
    for _ in range(20_000):
        pieces.append(bytes(draw.randrange(200)))
        if len(pieces) > 500:
            del pieces[draw.randrange(len(pieces))]
    return seed, sum(map(len, pieces))


def many_threads():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return digest(list(pool.map(work, range(24))))


def short_threads():
    kept = []
    for generation in range(20):
        threads = [threading.Thread(target=lambda n=n: kept.append([str(n)] * 1000)) for n in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return sum(map(len, kept))


def processes():
    with multiprocessing.get_context("fork").Pool(3) as pool:
        return digest(pool.map(work, range(12)))


def main():
    for part in (containers, cycles, texts, formats, database, many_threads, short_threads, processes):
        print(part.__name__, part(), flush=True)


if __name__ == "__main__":
    main()
