/** A throw-away process that trains on made-up data for as long as it is asked to, to measure one engine. */
import type { MeasuredSize } from '../../src-preload/contract/engines.ts'
import type { Execution } from '../../src-preload/contract/execution.ts'
import { monotonicSeconds } from '../base/clock.ts'
import { invariant, messageOf } from '../base/errors.ts'
import { parentChannel } from '../base/parentChannel.ts'
import { engineById } from '../compute/index.ts'
import type { FromMeasuring, StartMeasuring, ToMeasuring } from '../engines/measureMessages.ts'
import { MadeUpRun } from './madeUpRun.ts'
import type { MadeUpSize } from './madeUp.ts'

const channel = parentChannel()
const send = (message: FromMeasuring): void => channel.send(message)
let run: MadeUpRun | null = null

channel.onClose(() => process.exit(0))
channel.onMessage(message => void answer(message as ToMeasuring))

async function answer(message: ToMeasuring): Promise<void> {
  try {
    if (message.kind === 'start') send(await start(message))
    else {
      invariant(run, 'a window was asked for before the start')
      send({ kind: 'speed', stepsPerSecond: (await run.window(message.seconds)).stepsPerSecond })
    }
  } catch (error) {
    send({ kind: 'failed', reason: messageOf(error) })
  }
}

async function start({ engine, precision, size }: StartMeasuring): Promise<FromMeasuring> {
  const began = monotonicSeconds()
  const { threads } = size
  let execution: Execution | undefined
  const runsAs = (how: Execution): void => void (execution = how)
  run = await MadeUpRun.open(await engineById(engine), madeUpSize(size), { threads, precision, runsAs })
  await run.window(0)
  const compileSeconds = monotonicSeconds() - began
  await run.warmUp()
  return { kind: 'ready', compileSeconds, ...(execution && { execution }) }
}

const madeUpSize = ({ actions, actionSize, observationSize, ...size }: MeasuredSize): MadeUpSize => ({
  ...size,
  problem: {
    observationSize,
    action:
      actions === 'discrete'
        ? { kind: 'discrete', count: actionSize }
        : { kind: 'continuous', size: actionSize },
    unboundedActions: false
  }
})
