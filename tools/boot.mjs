// Runs on any Node >= 18, with nothing installed: installs what the lockfile says, then hands over to the Node 24 in it.
// Usage: node tools/boot.mjs SCRIPT [ARGUMENT...]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from '../libs/platform/src/process-lock.mjs';

const NODE_MAJOR = 24;
const INSTALL_LIMIT_MS = 900_000;
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.installed-from');
const lock = join(root, '.cache', 'install.lock');

/** What an installation is made from: it is repeated when any of it changes. */
const fingerprint = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(`${process.platform} ${process.arch}`)
  .digest('hex');

const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint;

async function installPackages() {
  console.error('First start: installing what package-lock.json says (npm ci) …');
  // Options of the outer npm do not apply to this one.
  const isForeign = (/** @type {string} */ name) =>
    /^npm_(config_(ignore_scripts|workspace|global|prefix|omit|include)|lifecycle|package)/.test(name);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)));
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const command = [...npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm prints progress, not output.
  const exitCode = await run(command, { env, stdio: ['ignore', 2, 2], timeout: INSTALL_LIMIT_MS });
  if (exitCode !== 0) throw new Error(`npm ci ended with code ${exitCode}. Is the npm registry reachable?`);
  writeFileSync(stamp, fingerprint);
}

async function install() {
  if (isInstalled()) return;
  const onWait = (/** @type {number} */ pid) =>
    console.error(`Process ${pid} is installing packages: waiting for it …`);
  const unwritable = `The packages of ${root} must be installed, and this user may not write there: run npm run build as its owner.`;
  await withLock({ file: lock, limitMs: INSTALL_LIMIT_MS, onWait, unwritable }, async () => {
    if (!isInstalled()) await installPackages();
  });
}

function findNode() {
  const packaged = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  throw new Error(
    `Node ${NODE_MAJOR} or later is needed, and none is packaged for ${process.platform} ${process.arch}: install it.`,
  );
}

/**
 * Runs a command at the root, hands on the signals that we get, and answers its exit code.
 * @param {string[]} command
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<number>}
 */
function run([program = '', ...args], options) {
  const child = spawn(program, args, { cwd: root, ...options });
  const handOn = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, handOn);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const each of SIGNALS) process.off(each, handOn);
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']);
    });
  });
}

/** @param {string} node */
function handOver(node) {
  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const command = [node, '--disable-warning=ExperimentalWarning', ...process.argv.slice(2)];
  return run(command, { env: { ...process.env, PATH: path }, stdio: 'inherit' });
}

try {
  await install();
  process.exitCode = await handOver(findNode());
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
}
