// Installs one folder's npm packages for MSBuild: `node npm-install.mjs FOLDER [PATH_TO_LEAVE_OUT ...]`.
//
// The packages are installed into a staging folder and renamed into place, so an interrupted install leaves nothing half-done and two
// builds at the same time cannot disturb each other: the one that is second throws its copy away.
// A prepare.mjs in the folder runs there first, and turns the installed packages into what the build needs.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const [folder, ...leaveOut] = process.argv.slice(2);
const target = path.join(folder, 'node_modules');
const stagingPrefix = '.node_modules-';
const lock = fs.readFileSync(path.join(folder, 'package-lock.json'));
const prepare = path.join(folder, 'prepare.mjs');
const prepares = fs.existsSync(prepare);
const stamp = createHash('sha256').update(lock).update(prepares ? fs.readFileSync(prepare) : '').update(leaveOut.join('\n')).digest('hex');
const stampFile = '.ortpeft-stamp';

const installed = () => {
  try { return fs.readFileSync(path.join(target, stampFile), 'utf8') === stamp; } catch { return false; }
};

const npm = (args, cwd, env = {}) =>
  spawnSync('npm', args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', shell: process.platform === 'win32' });

/** The user's npm cache, or a private one when that cannot be written. */
function cacheFolder(staging) {
  try {
    const configured = npm(['config', 'get', 'cache'], folder).stdout.trim();
    fs.mkdirSync(configured, { recursive: true });
    fs.rmdirSync(fs.mkdtempSync(path.join(configured, 'ortpeft-')));
    return configured;
  } catch {
    return path.join(staging, 'cache');
  }
}

/** The one line of npm's errors that says what happened. */
const reason = stderr => stderr.split('\n')
  .map(line => /^npm (?:ERR!|error) (?!code |syscall |errno |path )(?:network |notarget |FetchError: )?(.*)/.exec(line)?.[1])
  .find(text => text);

function install(staging) {
  for (const name of ['package.json', 'package-lock.json', '.npmrc'])
    fs.copyFileSync(path.join(folder, name), path.join(staging, name));
  const run = npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retry-mintimeout=2000', '--fetch-retry-factor=3'], staging,
    { npm_config_cache: cacheFolder(staging) });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(reason(run.stderr) ?? `npm ci ended with ${run.signal ?? `exit code ${run.status}`}`);
  if (prepares) {
    const preparation = spawnSync(process.execPath, [path.resolve(prepare)], { cwd: staging, encoding: 'utf8' });
    if (preparation.status !== 0) throw new Error(`${prepare} failed: ${preparation.stderr}`);
  }
  const fresh = path.join(staging, 'node_modules');
  for (const name of leaveOut) fs.rmSync(path.join(fresh, name), { recursive: true, force: true });
  fs.writeFileSync(path.join(fresh, stampFile), stamp);
  return fresh;
}

/** Puts the fresh packages where the outdated ones are, unless another build has just done so. */
function replace(fresh, staging) {
  for (let attempt = 1; !installed(); attempt++) {
    try {
      if (fs.existsSync(target)) fs.renameSync(target, path.join(staging, `outdated-${attempt}`));
      fs.renameSync(fresh, target);
    } catch (error) {
      // Another build is between its two renames, or (on Windows) something has a file open for a moment.
      if (attempt === 50) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}

/** What a killed install left behind. One hour: an install that goes on at the same time must not be disturbed. */
function removeAbandoned() {
  for (const name of fs.readdirSync(folder).filter(name => name.startsWith(stagingPrefix))) {
    const abandoned = path.join(folder, name);
    if (Date.now() - fs.statSync(abandoned, { throwIfNoEntry: false })?.mtimeMs > 3_600_000)
      fs.rmSync(abandoned, { recursive: true, force: true });
  }
}

process.on('SIGINT', () => { }); // Ctrl-C ends npm too; what follows here is the cleaning up.
if (!installed()) {
  let staging;
  try {
    removeAbandoned();
    staging = fs.mkdtempSync(path.join(folder, stagingPrefix));
    replace(install(staging), staging);
  } catch (error) {
    console.log(`npm packages of ${path.relative(process.cwd(), folder) || folder} could not be installed: ${error.message.trim().split(/\s*\n\s*/).join(' ')}`);
    process.exitCode = 1;
  } finally {
    if (staging) fs.rmSync(staging, { recursive: true, force: true, maxRetries: 3 });
  }
}
