/**
 * The trainer process: one run, or several in one graph, from the `start` messages to `ended`; or one question about a checkpoint.
 * It never opens the store.
 */
import { parentChannel } from '../base/parentChannel.ts'
import { GroupTraining } from './groupTraining.ts'
import type { FromTrainer, ToGroup, ToTrainer } from './messages.ts'
import { endWithParent } from './orphanWatch.ts'
import { evaluatePolicy } from './policyEvaluation.ts'
import { exportPolicyModel } from './policyExport.ts'
import { failure, TrainingRun } from './trainingRun.ts'

/** The longest that a trainer outlives its parent, and one that hangs. */
const [orphanMs, hungOrphanMs] = [9_500, 10_000]

const channel = parentChannel()
const send = (message: FromTrainer): void => channel.send(message)
const leaving = new AbortController()
/** What trains here. */
let training: TrainingRun | GroupTraining | null = null

function leave(how: 'pause' | 'stop'): void {
  training?.leave(how)
  leaving.abort()
}

function orphaned(): void {
  leave('pause')
  setTimeout(() => process.exit(1), orphanMs).unref()
}

channel.onMessage(message => {
  const order = message as ToTrainer | ToGroup
  if (order.kind === 'group') void main((training = new GroupTraining(order.runIds, channel)).run())
  else if (order.kind === 'to') receiveForGroup(order)
  else if (order.kind === 'start') void main((training = new TrainingRun(order.job, channel)).run())
  else if (order.kind === 'export') void main(answer(exportJob(order)))
  else if (order.kind === 'evaluate') void main(answer(evaluateJob(order)))
  else if (order.kind !== 'stored') leave(order.kind)
  else if (training instanceof TrainingRun) training.stored(order.sequence)
})
channel.onClose(orphaned)
endWithParent(hungOrphanMs)
process.on('SIGTERM', () => leave('pause'))
process.on('SIGINT', () => leave('pause'))

function receiveForGroup({ runId, message }: Extract<ToGroup, { kind: 'to' }>): void {
  if (training instanceof GroupTraining) training.receive(runId, message)
}

async function main(work: Promise<void>): Promise<void> {
  await work
  await channel.flush()
  process.exit(0)
}

async function answer(work: Promise<FromTrainer>): Promise<void> {
  send(await work.catch((error: unknown) => failure(error, send)))
}

async function exportJob({
  job,
  checkpoint,
  file
}: Extract<ToTrainer, { kind: 'export' }>): Promise<FromTrainer> {
  const exported = await exportPolicyModel(job, checkpoint, file)
  return { kind: 'exported', ...exported }
}

async function evaluateJob({
  job,
  checkpoint,
  episodes,
  keep
}: Extract<ToTrainer, { kind: 'evaluate' }>): Promise<FromTrainer> {
  const evaluation = await evaluatePolicy(job, checkpoint, { episodes, keep }, leaving.signal)
  return { kind: 'evaluated', evaluation }
}
