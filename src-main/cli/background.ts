import { spawn } from 'node:child_process'
import { openSync, closeSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot, runsFromSources } from '../base/entries.ts'
import { UserError } from '../base/errors.ts'
import type { CommandContext } from './command.ts'
import { joinHost, waitForHost } from './session.ts'

/** The program's own entry, as this process runs it. */
const mainEntry: string = join(packageRoot, runsFromSources ? 'src-main/index.ts' : 'out/main/index.js')

/**
 * Makes sure that a host runs which outlives this command: the one that is there, or a new one without a window that
 * ends when its last run has ended. What it says goes to `host.log` in the home folder.
 * @throws UserError('store-locked') when it does not come up
 */
export async function startBackgroundHost(context: CommandContext): Promise<void> {
  const running = await joinHost(context.home)
  if (running !== null) return running.close()
  mkdirSync(context.home, { recursive: true, mode: 0o700 })
  const logPath = join(context.home, 'host.log')
  const log = openSync(logPath, 'a', 0o600)
  const child = spawn(process.execPath, [mainEntry, 'serve', '--until-idle', '--home', context.home], {
    detached: true,
    stdio: ['ignore', log, log],
    windowsHide: true
  })
  child.unref()
  closeSync(log)
  const session = await waitForHost(context.home)
  if (session === null)
    throw new UserError('store-locked', `the host in the background did not start; ${logPath} says why`)
  await session.close()
}
