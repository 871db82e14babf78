// Expects of run.mjs that it fails a program that ends badly: node run_test.mjs <module> <text of its output>.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const [module, expected] = process.argv.slice(2);
const run = fileURLToPath(new URL("run.mjs", import.meta.url));
const { status, stdout } = spawnSync(process.execPath, [run, module], { encoding: "utf8" });
console.log(`status ${status}: ${stdout}`);
process.exitCode = status === 1 && stdout.includes(expected) ? 0 : 1;
