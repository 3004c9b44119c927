/** Entry of the process that trains a few steps on the installed libraries once, and exits: libraries that do not fit take a process with them. */
import { messageOf, UserError } from '../../base/errors.ts'
import { parentChannel } from '../../base/parentChannel.ts'
import { differenceFromEager } from '../onnx/difference.ts'
import { probeCase } from '../onnx/probeCase.ts'
import { openSession } from './index.ts'
import { loadTensorflow, usesGpu } from './runtime.ts'

/** What a trial found: the largest difference from `eager`. */
export type Trial = { readonly difference: number; readonly gpu: boolean } | { readonly failure: string }

const channel = parentChannel()
channel.onClose(() => process.exit(1))
channel.send(await trial())
await channel.flush()
process.exit(0)

async function trial(): Promise<Trial> {
  try {
    const one = probeCase([16, 16], 8)
    loadTensorflow(1)
    const session = await openSession(one.program, { threads: 1 })
    const difference = await differenceFromEager(one, session, 3)
    // A message may lose the difference between a number that is none and nothing at all.
    return { difference: Number.isNaN(difference) ? Infinity : difference, gpu: usesGpu() }
  } catch (error) {
    const reason = error instanceof UserError ? error.details.reason : undefined
    if (typeof reason === 'string') return { failure: reason }
    return { failure: `a trial step failed: ${messageOf(error).split('\n')[0].slice(0, 300)}` }
  }
}
