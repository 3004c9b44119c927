import { spawn } from 'node:child_process'
import { packageRoot } from '../../base/entries.ts'
import { electronBinary, electronInstaller, hasDisplay } from '../../shell/binary.ts'
import { fetchBinary } from '../../shell/fetchBinary.ts'
import type { CommandContext } from '../command.ts'
import { exitCodes } from '../exitCodes.ts'
import { bytes } from '../output.ts'
import { joinHost } from '../session.ts'
import { serveCommand, type ServeCommandOptions } from './serve.ts'

export interface StartOptions extends ServeCommandOptions {
  readonly headless?: boolean
}

/** How to get the window, for a host without one. */
const howToGetWindow =
  'For the window instead, run `node node_modules/electron/install.js` once with a network, then `npm start` again.'
const withoutHeadless =
  'Open it in a browser on this machine; for the window instead, run `npm start` without --headless.'
const needsDisplay =
  'For the window instead, run `npm start` where a display is available (DISPLAY or WAYLAND_DISPLAY is set).'

/**
 * `start`, and what `npm start` does: the window where one can be had, else the headless host and a sentence on how to get it.
 * Electron's binary is fetched once when it is missing; Ctrl+C cancels the fetch and not the start.
 * @returns the exit code
 */
export async function startCommand(context: CommandContext, options: StartOptions): Promise<number> {
  if (options.headless === true) return serve(context, options, withoutHeadless)
  if (!hasDisplay()) return serve(context, options, needsDisplay)
  const binary = electronBinary() ?? (await fetchWindow(context))
  if (binary === null) return serve(context, options, howToGetWindow)
  return openWindow(context, binary, options)
}

async function serve(context: CommandContext, options: StartOptions, sentence?: string): Promise<number> {
  await serveCommand(context, options, sentence)
  return exitCodes.ok
}

async function fetchWindow(context: CommandContext): Promise<string | null> {
  context.output.note('fetching the window (Electron, about 110 MB, once); Ctrl+C starts without it')
  const controller = new AbortController()
  const cancel = () => controller.abort()
  process.once('SIGINT', cancel)
  const problem = await fetchBinary({
    installer: electronInstaller,
    signal: controller.signal,
    progress: count => context.output.progress([`${bytes(count)} received`])
  })
  process.removeListener('SIGINT', cancel)
  if (problem === null) return electronBinary()
  context.output.note(`the window could not be fetched: ${problem}`)
  return null
}

async function openWindow(context: CommandContext, binary: string, options: StartOptions): Promise<number> {
  const running = await joinHost(context.home)
  if (running !== null) {
    const { host } = await running.client.local.page({})
    if (host === 'desktop') await running.client.local.showWindow({})
    await running.close()
    if (host !== 'desktop') return serve(context, options)
    return exitCodes.ok
  }
  const child = spawn(
    binary,
    [packageRoot, '--home', context.home, ...(options.dev === true ? ['--dev'] : [])],
    { stdio: 'inherit' }
  )
  return new Promise(resolve => {
    child.once('error', error => {
      context.output.note(`the window did not start: ${error.message}`)
      resolve(serve(context, options, howToGetWindow))
    })
    child.once('close', code => resolve(code ?? exitCodes.internal))
  })
}
