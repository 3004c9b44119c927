import { join } from 'node:path'
import { homeAt } from '../../store/home.ts'
import { withSession, type CommandContext } from '../command.ts'
import { findRun } from '../find.ts'
import { bytes } from '../output.ts'

export interface ExportOptions {
  readonly what: 'policy' | 'metrics' | 'folder'
  readonly checkpoint?: number
}

/** `export NAME`: writes a run's policy, metrics or whole folder under the home folder's exports. */
export function exportCommand(context: CommandContext, word: string, options: ExportOptions): Promise<void> {
  return withSession(context, async session => {
    const run = await findRun(session, word)
    const made = await session.client.runs.export({
      id: run.id,
      what: options.what,
      checkpointStep: options.checkpoint ?? null
    })
    const path = join(homeAt(context.home).exports, made.name)
    const checked = made.checked === null ? '' : `\n${made.checked}`
    context.output.result({ path, ...made }, `${path} (${bytes(made.sizeBytes)})${checked}`)
  })
}
