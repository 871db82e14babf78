// A mixed load for node: containers on its own heap, buffers and zlib on malloc's, worker threads with heaps of theirs.
'use strict';
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const crypto = require('crypto');
const zlib = require('zlib');

let state = 1;
const random = (n) => (state = (state * 48271) % 2147483647) % n;
const digest = (data) => crypto.createHash('sha256').update(data).digest('hex').slice(0, 16);

function maps() {
  const map = new Map();
  for (let i = 0; i < 120000; i++) {
    const key = 'key' + random(40000);
    map.set(key, (map.get(key) || []).concat(random(100)).slice(-20));
    if (i % 5 === 0) map.delete('key' + random(40000));
  }
  return digest(JSON.stringify([...map].sort()));
}

function buffers() {
  const live = [];
  let sum = 0;
  for (let i = 0; i < 30000; i++) {
    const buffer = i % 2 ? Buffer.alloc(random(20000), i) : Buffer.allocUnsafeSlow(random(3000)).fill(i);
    live.push(buffer);
    if (live.length > 400) sum += live.splice(random(live.length), 1)[0].reduce((a, b) => a + b, 0) % 1000;
  }
  return sum + ' ' + digest(Buffer.concat(live));
}

function json() {
  const tree = (depth) => (depth ? { left: tree(depth - 1), right: tree(depth - 1), n: random(1000) } : 'x'.repeat(random(30)));
  const text = JSON.stringify(tree(14));
  const copy = structuredClone(JSON.parse(text));
  return digest(JSON.stringify(copy));
}

function compression() {
  const data = Buffer.from(Array.from({ length: 100000 }, () => random(1000)).join(' '));
  const packed = [zlib.deflateSync(data), zlib.brotliCompressSync(data, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } })];
  if (!zlib.inflateSync(packed[0]).equals(data) || !zlib.brotliDecompressSync(packed[1]).equals(data)) return 'wrong';
  return packed.map(digest).join(' ');
}

function strings() {
  let text = '';
  for (let i = 0; i < 100000; i++) text += String.fromCharCode(97 + random(26)) + (i % 100 ? '' : 'é☃');
  return digest(text.replace(/([aeiou])([^aeiou])/g, '$2$1').split('z').sort().join('-'));
}

const work = [maps, buffers, json, compression, strings];

async function main() {
  for (const part of work) console.log(part.name, part());
  for (let generation = 0; generation < 3; generation++) {
    const answers = await Promise.all(
      [0, 1, 2].map(
        (n) =>
          new Promise((resolve, reject) => {
            const worker = new Worker(__filename, { workerData: generation * 3 + n + 1 });
            let answer;
            worker.on('message', (message) => (answer = message));
            worker.on('error', reject);
            worker.on('exit', (code) => (code ? reject(new Error('exit ' + code)) : resolve(answer)));
          }),
      ),
    );
    // The buffers came over without a copy: made in the worker, freed here.
    for (const { name, result, buffer } of answers) console.log(name, result, digest(Buffer.from(buffer)));
  }
}

if (isMainThread) {
  main();
} else {
  state = workerData;
  const part = work[workerData % work.length];
  const result = part();
  const buffer = new Uint8Array(1 << 20).map(() => random(256)).buffer;
  parentPort.postMessage({ name: part.name, result, buffer }, [buffer]);
}
