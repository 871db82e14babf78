"""Objects, strings, JSON, regular expressions and sorting in Python."""

import collections
import hashlib
import json
import random
import re


class Node:
    def __init__(self, key):
        self.key, self.left, self.right, self.values = key, None, None, []


def insert(root, key, value):
    node = root
    while node.key != key:
        side = "left" if key < node.key else "right"
        child = getattr(node, side)
        if child is None:
            child = Node(key)
            setattr(node, side, child)
        node = child
    node.values.append(value)


def main():
    generator = random.Random(1)
    root = Node("m")
    documents = []
    for i in range(8000):
        words = ["".join(generator.choices("abcdefghij", k=generator.randint(1, 6)))
                 for _ in range(generator.randint(5, 30))]
        for word in words:
            insert(root, word, i)
        documents.append({"id": i, "words": words, "text": " ".join(words)})
    counts = collections.Counter()
    digest = hashlib.sha256()
    for _ in range(3):
        text = json.dumps(documents)
        for document in json.loads(text):
            counts.update(re.findall(r"[a-e]{2,}", document["text"]))
        digest.update(text.encode())
    top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:50]
    digest.update(repr(top).encode())
    print("index:", digest.hexdigest())


main()
