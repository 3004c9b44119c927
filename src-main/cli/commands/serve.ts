import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../base/entries.ts'
import { UserError } from '../../base/errors.ts'
import { nodeProcessHost } from '../../base/nodeProcessHost.ts'
import { openHost, type Host } from '../../host.ts'
import { startServe, type PageHost } from '../../serve/index.ts'
import type { CommandContext } from '../command.ts'
import { joinHost } from '../session.ts'

export interface ServeCommandOptions {
  /** null: the usual port, or any free one. */
  readonly port: number | null
  readonly host: readonly string[]
  readonly dev?: boolean
  /** Ends when no run is active and nobody is connected: the host that `train --detach` leaves behind. */
  readonly untilIdle?: boolean
}

const pageFolder = join(packageRoot, 'out/renderer')
/** How long a host in the background stays without runs and clients. */
const idleMs = 30_000

/** `serve`: the page and the contract on the loopback interface until Ctrl+C. */
export async function serveCommand(
  context: CommandContext,
  options: ServeCommandOptions,
  closingSentence?: string
): Promise<void> {
  if (await showRunning(context)) return
  if (options.untilIdle !== true && !existsSync(join(pageFolder, 'index.html'))) {
    throw new UserError(
      'not-found',
      'the page has not been built; run `npm run build` once, or use `npm start`'
    )
  }
  let page: PageHost | null = null
  const host = await openHost({
    home: context.home,
    kind: 'serve',
    processes: nodeProcessHost(),
    log: context.log,
    checkResults: options.dev === true,
    pageAddress: () => page?.address ?? null
  })
  try {
    page = await openPage(context, host, options)
    if (page !== null) announce(context, page, closingSentence)
    await (options.untilIdle === true ? idle(host, context.signal) : aborted(context.signal))
  } finally {
    const active = host.activeRuns()
    if (active > 0)
      context.output.note(
        `writing checkpoints of ${active} runs; \`stitchwork runs resume\` goes on from them`
      )
    await page?.close()
    await host.close()
  }
}

function openPage(
  context: CommandContext,
  host: Host,
  options: ServeCommandOptions
): Promise<PageHost | null> {
  if (!existsSync(join(pageFolder, 'index.html'))) return Promise.resolve(null)
  return startServe({
    router: host.router,
    log: context.log,
    pageFolder,
    port: options.port,
    hosts: options.host,
    development: options.dev
  })
}

function announce(context: CommandContext, page: PageHost, closingSentence: string | undefined): void {
  const { address, port } = page
  context.output.result({ address, port, pid: process.pid }, `Stitchwork is at ${address}`)
  context.output.note(
    closingSentence ?? 'Open it in a browser on this machine; Ctrl+C writes checkpoints and ends it.'
  )
}

/** Prints the address of the host that already serves this home folder. */
async function showRunning(context: CommandContext): Promise<boolean> {
  const session = await joinHost(context.home)
  if (session === null) return false
  const { address, pid, host } = await session.client.local.page({})
  await session.close()
  if (address === null) {
    throw new UserError(
      'store-locked',
      `process ${pid} already uses ${context.home} (${host === 'desktop' ? 'its window is open' : 'a command that is still running'}); close it first`
    )
  }
  context.output.result({ address, pid }, `Stitchwork is already at ${address}`)
  return true
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Resolves when nothing has needed the host for a while. */
function idle(host: Host, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    let quietMs = 0
    const timer = setInterval(() => {
      quietMs = host.activeRuns() === 0 && host.clients() === 0 ? quietMs + 1000 : 0
      if (quietMs < idleMs && !signal.aborted) return
      clearInterval(timer)
      resolve()
    }, 1000)
  })
}
