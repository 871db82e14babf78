// Runs a test program: node run.mjs <module>. Ends with 0 only if the module has said so, exit(0), and "ended well" was
// the last that it said: not on a trap, not on a return, not on any other status.
import { readFileSync } from "node:fs";

class Exit {
  constructor(status) {
    this.status = status;
  }
}

let output = "";
let memory;
const mete = {
  say(address) {
    const bytes = new Uint8Array(memory.buffer);
    const text = new TextDecoder().decode(bytes.subarray(address, bytes.indexOf(0, address)));
    process.stdout.write(text);
    output += text;
  },
  exit(status) {
    throw new Exit(status);
  },
};

function run(file) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), { mete });
  memory = exports.memory;
  try {
    exports.start();
  } catch (end) {
    if (end instanceof Exit) return end.status;
    console.log(`wrong: ${end.stack}`);
    return 1;
  }
  console.log("wrong: returned without an exit");
  return 1;
}

let status = run(process.argv[2]);
if (status === 0 && !output.endsWith("ended well\n")) {
  console.log("wrong: did not say that it ended well");
  status = 1;
}
process.exitCode = status;
