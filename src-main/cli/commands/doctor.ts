import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { packageRoot } from '../../base/entries.ts'
import { electronBinary, hasDisplay } from '../../shell/binary.ts'
import { messageOf, UserError } from '../../base/errors.ts'
import { examine, rescueCopy } from '../../store/doctor.ts'
import { homeAt } from '../../store/home.ts'
import { withSession, type CommandContext } from '../command.ts'
import { exitCodes } from '../exitCodes.ts'
import { bytes } from '../output.ts'
import type { Session } from '../session.ts'

interface Check {
  readonly name: string
  readonly state: 'ok' | 'note' | 'problem'
  readonly text: string
}

const enoughDiskBytes = 2e9

/**
 * `doctor`: checks the runtime, the home folder, the store, the engines and the window, and says what to do.
 * @param rescue where to write a copy of what can be read of the store; nothing else is done then
 * @returns the exit code: refused when anything is a problem
 */
export async function doctorCommand(context: CommandContext, rescue?: string): Promise<number> {
  if (rescue !== undefined) return rescueStore(context, rescue)
  const checks: Check[] = [runtime(), await disk(context.home), ...window(), ...contents(context.home)]
  try {
    checks.push(...(await withSession(context, fromHost)))
  } catch (error) {
    checks.push({ name: 'store', state: 'problem', text: messageOf(error) })
  }
  const width = Math.max(...checks.map(({ name }) => name.length))
  const text = checks
    .map(check => `${check.state.padEnd(8)} ${check.name.padEnd(width)} ${check.text}`)
    .join('\n')
  context.output.result({ home: context.home, checks }, text)
  return checks.some(check => check.state === 'problem') ? exitCodes.refused : exitCodes.ok
}

function rescueStore(context: CommandContext, target: string): number {
  const { sizeBytes, problems } = rescueCopy(homeAt(context.home), target)
  const found = problems.length === 0 ? 'nothing in it is damaged' : problems.join('; ')
  context.output.result({ target, sizeBytes, problems }, `${target} (${bytes(sizeBytes)}): ${found}`)
  return problems.length === 0 ? exitCodes.ok : exitCodes.refused
}

/** What lies in the home folder: SQLite's own check, every checksum, and folders against rows. */
function contents(home: string): Check[] {
  try {
    const report = examine(homeAt(home))
    const problems = [
      ...report.integrity,
      ...report.damaged.map(({ runId, key, points }) => `${points} points of ${key} in ${runId} are damaged`),
      ...report.missing.map(path => `${path} is missing`)
    ]
    const found: Check[] = problems.map(text => ({ name: 'contents', state: 'problem', text }))
    const text = `${bytes(report.sizeBytes)}, ${report.chunks + report.blocks} metric blocks with right checksums`
    return report.healthy ? [{ name: 'contents', state: 'ok', text }] : found
  } catch (error) {
    if (error instanceof UserError && error.code === 'not-found') return [] // nothing has been stored yet
    return [
      {
        name: 'contents',
        state: 'problem',
        text: `${messageOf(error)}; \`doctor --rescue FILE\` writes a copy of what can be read`
      }
    ]
  }
}

const runtime = (): Check => ({
  name: 'runtime',
  state: 'ok',
  text: `Node ${process.versions.node}, ${cpus().length} cores, ${bytes(totalmem())} memory`
})

async function disk(home: string): Promise<Check> {
  let folder = home
  while (!existsSync(folder)) folder = dirname(folder)
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  return {
    name: 'disk',
    state: free < enoughDiskBytes ? 'problem' : 'ok',
    text: `${bytes(free)} free for ${home}`
  }
}

function window(): Check[] {
  const page = existsSync(join(packageRoot, 'out/renderer/index.html'))
  return [
    page
      ? { name: 'page', state: 'ok', text: 'built' }
      : { name: 'page', state: 'note', text: 'not built; `npm start` and `npm run build` build it' },
    electronBinary() !== null
      ? { name: 'window', state: 'ok', text: 'Electron is there' }
      : {
          name: 'window',
          state: 'note',
          text: `Electron has not been fetched; ${hasDisplay() ? '`npm start` fetches it' : 'there is no display, so `npm start` serves to a browser'}`
        }
  ]
}

async function fromHost(session: Session): Promise<Check[]> {
  const info = await session.client.app.info({})
  const datasets = await session.client.datasets.list({})
  const engines = info.engines.map((engine): Check => ({
    name: engine.id,
    state: engine.available ? 'ok' : 'note',
    text: engine.available
      ? `${engine.title} ${engine.version} on ${engine.device}`
      : `${engine.title}: ${engine.reason ?? 'not available'}`
  }))
  const usable = info.engines.some(engine => engine.available)
  return [
    {
      name: 'store',
      state: 'ok',
      text: `SQLite ${info.sqlite}, ${datasets.length} datasets, home ${info.home}`
    },
    ...engines,
    ...(usable
      ? []
      : [{ name: 'engines', state: 'problem' as const, text: 'no engine can train; run `npm ci` again' }])
  ]
}
