// Runs on any Node >= 18, with nothing installed: installs what the lockfile says, then hands over to the Node 24 in it.
// Usage: node tools/boot.mjs SCRIPT [ARGUMENT...]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const INSTALL_LIMIT_MS = 900_000;
const LOOK_EVERY_MS = 250;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.installed-from');
const lock = join(root, '.install.lock');

/** What an installation is made from: it is done anew when any of it changes. */
const fingerprint = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(`${process.platform} ${process.arch}`)
  .digest('hex');

const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint;

/** Takes the lock, or waits until whoever has it is done; a lock that outlived its limit belongs to nobody. */
async function takeLock() {
  for (;;) {
    try {
      mkdirSync(lock);
      return;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - since > INSTALL_LIMIT_MS) rmSync(lock, { recursive: true, force: true });
      else await delay(LOOK_EVERY_MS);
    }
  }
}

function installPackages() {
  console.error('First start: installing what package-lock.json says (npm ci) …');
  // What the outer npm was told is not meant for this one.
  const isForeign = (/** @type {string} */ name) =>
    /^npm_(config_(ignore_scripts|workspace|global|prefix|omit|include)|lifecycle|package)/.test(name);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)));
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const [command = 'npm', ...first] = npm;
  const args = [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const stdio = /** @type {import('node:child_process').StdioOptions} */ (['ignore', 2, 2]); // what npm says is progress, not output
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio, timeout: INSTALL_LIMIT_MS });
  if (status !== 0) {
    console.error(`npm ci failed${error ? `: ${error.message}` : ''}. Is the npm registry reachable?`);
    process.exit(1);
  }
  writeFileSync(stamp, fingerprint);
}

async function install() {
  if (isInstalled()) return;
  const dropLock = () => rmSync(lock, { recursive: true, force: true });
  await takeLock();
  process.once('exit', dropLock);
  if (!isInstalled()) installPackages();
  dropLock();
}

function findNode() {
  const packaged = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  console.error(
    `Node ${NODE_MAJOR} or later is needed, and none is packaged for ${process.platform} ${process.arch}: install it.`,
  );
  process.exit(1);
}

/** @param {string} node */
function handOver(node) {
  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const args = ['--disable-warning=ExperimentalWarning', ...process.argv.slice(2)];
  const child = spawn(node, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${node} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
}

await install();
handOver(findNode());
