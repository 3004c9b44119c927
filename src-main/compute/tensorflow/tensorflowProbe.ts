/** Entry of the process that trains a few steps on the installed libraries once, and exits: libraries that do not fit take a process with them. */
import { messageOf } from '../../base/errors.ts'
import { parentChannel } from '../../base/parentChannel.ts'
import type { HostTensors } from '../../base/tensors.ts'
import { eagerEngine } from '../eager/index.ts'
import type { Session } from '../engine.ts'
import { probeCase, type ProbeCase } from '../onnx/probeCase.ts'
import { openSession } from './index.ts'
import { loadTensorflow, usesGpu } from './runtime.ts'

/** What a trial found: the largest difference from `eager`, relative to the larger of 1 and the value. */
export type Trial = { readonly difference: number; readonly gpu: boolean } | { readonly failure: string }

const channel = parentChannel()
channel.onClose(() => process.exit(1))
channel.send(await trial())
await channel.flush()
process.exit(0)

async function trial(): Promise<Trial> {
  try {
    const one = probeCase([16, 16], 8)
    const expected = await statesAfter(one, await eagerEngine.compile(one.program, { threads: 1 }))
    loadTensorflow(1)
    const actual = await statesAfter(
      one,
      await openSession(one.program, { threads: 1, precision: 'float32' })
    )
    return { difference: difference(expected, actual), gpu: usesGpu() }
  } catch (error) {
    return { failure: `a trial step failed: ${messageOf(error).split('\n')[0].slice(0, 300)}` }
  }
}

async function statesAfter(one: ProbeCase, session: Session): Promise<HostTensors> {
  await session.load(one.state)
  await session.setColumns(one.columns)
  await session.run(one.request(0, 3))
  return session.read()
}

function difference(expected: HostTensors, actual: HostTensors): number {
  const of = (name: string): number[] =>
    Array.from(expected[name].data, (value, i) => {
      const error = Math.abs(actual[name].data[i] - value) / Math.max(1, Math.abs(value))
      return Number.isNaN(error) ? Infinity : error
    })
  return Object.keys(expected).reduce((most, name) => of(name).reduce((a, b) => Math.max(a, b), most), 0)
}
