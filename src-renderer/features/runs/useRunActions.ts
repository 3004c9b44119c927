import { useClient } from '../../client/holder.ts'
import type { Run } from '../../../src-preload/contract/runs.ts'
import { useRuns } from '../../stores/runs.ts'
import { confirm } from '../../ui/confirm.ts'
import { useNotify } from '../../ui/notify.ts'
import { applicable, type RunAction } from './runActions.ts'

const runsOf = (runs: readonly Run[]): string =>
  runs.length === 1 ? `“${runs[0]?.name}”` : `${runs.length} runs`

/** Actions on runs, asked first where they cannot be undone; the host's answer updates the list at once. */
export function useRunActions(): (action: RunAction, runs: readonly Run[]) => Promise<void> {
  const client = useClient()
  const store = useRuns()
  const notify = useNotify()

  async function agreed(action: RunAction, runs: readonly Run[]): Promise<boolean> {
    if (action === 'remove') {
      const text = `Metrics, checkpoints, rollouts and the log of ${runsOf(runs)} are deleted from disk. This cannot be undone.`
      return confirm({ title: `Delete ${runsOf(runs)}?`, text, action: 'Delete', dangerous: true })
    }
    if (action !== 'stop') return true
    const text = 'A checkpoint is written first; a stopped run can be resumed later.'
    return confirm({ title: `Stop ${runsOf(runs)}?`, text, action: 'Stop' })
  }

  /** Resumes; where the pinned engine is gone, says so and asks whether to go on with another. */
  async function resume(ids: string[]): Promise<Run[]> {
    try {
      return await client.runs.resume({ ids })
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      if (code !== 'conflict') throw error
      const action = 'Resume, not bit-exact'
      if (!(await confirm({ title: 'Resume on what is here now?', text: message, action }))) return []
      return await client.runs.resume({ ids, allowInexact: true })
    }
  }

  async function run(action: RunAction, ids: string[]): Promise<void> {
    if (action === 'remove') {
      await client.runs.remove({ ids })
      return store.take({ changed: [], removed: ids })
    }
    const changed = {
      pause: () => client.runs.pause({ ids }),
      resume: () => resume(ids),
      stop: () => client.runs.stop({ ids }),
      archive: () => client.runs.archive({ ids, archived: true }),
      restore: () => client.runs.archive({ ids, archived: false })
    }[action]
    store.take({ changed: await changed(), removed: [] })
  }

  return async (action, runs) => {
    const apt = applicable(action, runs)
    if (apt.length === 0 || !(await agreed(action, apt))) return
    await notify.attempt(() =>
      run(
        action,
        apt.map(entry => entry.id)
      )
    )
  }
}
