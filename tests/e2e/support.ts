import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve, sep } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'

export const root = resolve(import.meta.dirname, '../..')
const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
export const chromiumPath = process.env.STITCHWORK_CHROMIUM ?? candidates.find(existsSync)

if (process.env.STITCHWORK_REQUIRE_CHROMIUM && !chromiumPath)
  throw new Error('Chromium is required and not installed')
/** Why the end-to-end tests do not run; null when they do. */
export const skipReason = chromiumPath
  ? existsSync(join(root, 'out/renderer/index.html'))
    ? null
    : 'the page is not built: npm run build'
  : 'no Chromium'

export interface TestHost {
  readonly address: string
  readonly home: string
  readonly process: ChildProcess
  stop(): Promise<void>
}

/** Runs a command of the built program to its end, with no engines but those that come with the app; what it prints. */
export const runCommand = (home: string, ...line: string[]): string =>
  execFileSync(process.execPath, [join(root, 'out/main/index.js'), '--home', home, ...line], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, STITCHWORK_ENGINES: join(home, 'engines') }
  })

/** Starts the built headless host on a free port with a home folder of its own, and no engines but those that come with the app. */
async function startHost(
  home = mkdtempSync(join(tmpdir(), 'stitchwork-e2e-')),
  environment: Readonly<Record<string, string>> = {}
): Promise<TestHost> {
  const child = spawn(
    process.execPath,
    [join(root, 'out/main/index.js'), 'serve', '--home', home, '--port', '0'],
    {
      cwd: root,
      env: { ...process.env, STITCHWORK_ENGINES: join(home, 'engines'), ...environment },
      stdio: ['ignore', 'pipe', 'pipe']
    }
  )
  let output = ''
  const address = await new Promise<string>((found, failed) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      const match = /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+/.exec(output)
      if (match) found(match[0])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', code => failed(new Error(`the host exited with ${code}:\n${output}`)))
  })
  const stop = (): Promise<void> =>
    new Promise(done => {
      if (child.exitCode !== null || child.signalCode !== null) return done()
      child.once('exit', () => done())
      child.kill('SIGTERM')
    })
  return { address, home, process: child, stop }
}

export interface Watched {
  readonly page: Page
  /** Everything that must stay empty: CSP violations, console errors, page errors, requests that leave loopback. */
  readonly faults: string[]
}

export interface Look {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
}

/** A page that records every fault from its first byte. */
export async function openPage(browser: Browser, address: string, look: Look = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1440, height: look.height ?? 900 },
    colorScheme: look.colorScheme ?? 'light'
  })
  const page = await context.newPage()
  const faults: string[] = []
  await page.exposeFunction('reportFault', (text: string) => void faults.push(text))
  await page.addInitScript({
    content: `document.addEventListener('securitypolicyviolation', event =>
      reportFault('CSP: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile + ':' + event.lineNumber))`
  })
  page.on('console', message => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`)
  })
  page.on('pageerror', error => faults.push(`page: ${error.stack ?? error.message}`))
  page.on('request', request => {
    const { protocol, hostname } = new URL(request.url())
    if (!['data:', 'blob:'].includes(protocol) && hostname !== '127.0.0.1')
      faults.push(`request: ${request.url()}`)
  })
  await page.goto(address)
  return { page, faults }
}

const launch = ({ webgl = false } = {}): Promise<Browser> =>
  chromium.launch({
    ...(chromiumPath ? { executablePath: chromiumPath } : {}),
    args: [
      '--no-sandbox',
      ...(webgl
        ? ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader']
        : ['--disable-gpu']),
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync'
    ]
  })

export const removeHome = (home: string): void => rmSync(home, { recursive: true, force: true })

/** What the tests of a suite share: a host, a browser and a watched page. */
export interface Suite extends Watched {
  readonly host: TestHost
  readonly browser: Browser
  /** Ends all of it and removes the home folder. */
  close(): Promise<void>
}

interface SuiteOptions {
  /** A home folder that holds something already; a new one otherwise. */
  readonly home?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly look?: Look
  readonly webgl?: boolean
}

/** Starts a host and opens its page; what has started is ended when the rest fails. */
export async function openSuite({ home, environment, look, webgl }: SuiteOptions = {}): Promise<Suite> {
  const host = await startHost(home, environment)
  let browser: Browser | null = null
  const close = async (): Promise<void> => {
    await browser?.close()
    await host.stop()
    removeHome(host.home)
  }
  try {
    browser = await launch({ webgl })
    return { host, browser, close, ...(await openPage(browser, host.address, look)) }
  } catch (error) {
    await close()
    throw error
  }
}

/** Opens an algorithm's card with all its sections and fills settings by their labels. */
export async function fillSettings(
  page: Page,
  algorithm: string,
  values: Readonly<Record<string, string>>
): Promise<void> {
  const card = page.getByRole('region', { name: algorithm })
  const title = card.locator('button.title')
  if ((await title.getAttribute('aria-expanded')) === 'false') await title.click()
  const closed = card.locator('h4 button[aria-expanded="false"]')
  while ((await closed.count()) > 0) await closed.first().click()
  for (const [label, value] of Object.entries(values))
    await card.getByLabel(label, { exact: true }).fill(value)
}

/** Walks the listing of the import page to a file, from the place that holds it. */
export async function chooseFile(page: Page, path: string): Promise<void> {
  const files = page.getByRole('grid', { name: 'Files' })
  // The picker opens where the last file was taken; its first folder lists all places.
  const places = page.getByRole('navigation', { name: 'Folders' }).getByRole('button').first()
  await places.waitFor()
  if (await places.isEnabled()) await places.click()
  await files.getByText(homedir(), { exact: true }).waitFor()
  const texts = (await files.innerText()).split('\n').map(text => text.trim())
  const place = texts.find(text => text !== '' && path.startsWith(text + sep)) ?? ''
  await files.getByText(place, { exact: true }).dblclick()
  for (const part of path.slice(place.length + 1).split(sep)) {
    // Of a long folder the page draws only the rows in sight.
    await page.getByRole('textbox', { name: 'Filter files' }).fill(part)
    await files.getByText(part, { exact: true }).dblclick()
  }
}
