import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
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

/** Starts the built headless host on a free port with a home folder of its own, and no engines but those that come with the app. */
export async function startHost(
  home = mkdtempSync(join(tmpdir(), 'stitchwork-e2e-')),
  more: string[] = [],
  environment: Readonly<Record<string, string>> = {}
): Promise<TestHost> {
  const child = spawn(
    process.execPath,
    [join(root, 'out/main/index.js'), 'serve', '--home', home, '--port', '0', ...more],
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

/** A page that records every fault from its first byte. */
export async function openPage(
  browser: Browser,
  address: string,
  look: { width?: number; height?: number; colorScheme?: 'light' | 'dark' } = {}
): Promise<Watched> {
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

export const launch = ({ webgl = false } = {}): Promise<Browser> =>
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
