import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** The headless shell first: it draws the same pages in two thirds of the time. */
const names = [
  'chromium-headless-shell',
  'chrome-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
];
const macApplications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Debian's packages of the browser; the whole one where there is no shell. */
const browserPackages = { shell: 'chromium-headless-shell', whole: 'chromium' };
/** Has the Chinese characters; without it every text is a row of boxes. */
const fontPackage = 'fonts-noto-cjk';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const howToInstall =
  'No Chromium found: install one (Debian: apt-get install chromium-headless-shell fonts-noto-cjk) or set CHROMIUM_PATH to its program.';

/** The path of a Chromium on this machine (`CHROMIUM_PATH`, then the usual names), or null. */
export function findChromium(): string | null {
  const chosen = process.env['CHROMIUM_PATH'];
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new Error(`CHROMIUM_PATH is ${chosen}, which is not a program that can be run.`);
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const candidates = [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...macApplications];
  return candidates.find(isExecutable) ?? null;
}

/**
 * The path of a Chromium, installed first when there is none and this is a Debian-like machine and we are root.
 * `progress` gets a line for each thing that takes time. Throws one line that says what to install.
 */
export async function ensureChromium(progress: (line: string) => void = console.log): Promise<string> {
  const found = findChromium();
  if (found) return found;
  const canInstall = process.getuid?.() === 0 && isExecutable('/usr/bin/apt-get');
  if (!canInstall) throw new Error(howToInstall);
  progress(`No Chromium here: installing it and ${fontPackage} with apt-get …`);
  const install = (browser: string) =>
    aptGet(['install', '-y', '--no-install-recommends', browser, fontPackage], progress);
  // A fresh container has no package lists; an outdated list is only worth refreshing once the install has failed.
  if ((await install(browserPackages.shell)) !== 0) {
    await aptGet(['update'], progress);
    if ((await install(browserPackages.shell)) !== 0) await install(browserPackages.whole);
  }
  const installed = findChromium();
  if (!installed) throw new Error(howToInstall);
  progress(`Chromium is installed: ${installed}`);
  return installed;
}

/** A headless browser; the caller closes it. Throws one line that says what to install when there is no Chromium. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await ensureChromium(), headless: true, args: flags });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs apt-get without questions and tells the packages as they are set up; resolves to its exit code. */
function aptGet(args: string[], progress: (line: string) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('/usr/bin/apt-get', ['-q', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const worthTelling = /^(Need to get|Setting up (chromium|fonts-noto)|Fetched)/;
      for (const line of text.split('\n')) if (worthTelling.test(line)) progress(`  ${line}`);
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
