// Says how large the code of a module is, and the whole of it: node code_size.mjs <module> <most bytes of code>
// <exported function>... Fails if it is larger, or exports other functions, or imports anything.
import { readFileSync } from "node:fs";

const kCode = 10;

// An unsigned LEB128 number.
function number(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    value |= (bytes[at] & 127) << shift;
    if (bytes[at++] < 128) return { value, at };
  }
}

// Bytes of the contents of a section. After the magic and the version, 8 bytes: id, length, contents.
function section_size(bytes, id) {
  for (let at = 8; at < bytes.length; ) {
    const { value, at: contents } = number(bytes, at + 1);
    if (bytes[at] === id) return value;
    at = contents + value;
  }
  throw new Error(`no section ${id}`);
}

const [file, most, ...expected] = process.argv.slice(2);
const bytes = readFileSync(file);
const module = new WebAssembly.Module(bytes);
const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function");
const names = functions.map(({ name }) => name).sort().join(" ");
const imports = WebAssembly.Module.imports(module).length;
const code = section_size(bytes, kCode);
console.log(`code ${code} bytes, module ${bytes.length} bytes; exports ${names}; ${imports} imports`);
process.exitCode = code <= Number(most) && names === expected.sort().join(" ") && imports === 0 ? 0 : 1;
