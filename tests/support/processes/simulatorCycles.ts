/** Evaluates with a new policy again and again in one simulator, and prints the resident bytes after 200 and after 1200 times. */
import { algorithmById } from '../../../src-main/algorithms/index.ts'
import { eagerEngine } from '../../../src-main/compute/eager/index.ts'
import { onnxEngine } from '../../../src-main/compute/onnx/index.ts'
import { environmentById } from '../../../src-main/environments/index.ts'
import { policyTensors } from '../../../src-main/training/policy.ts'
import { policyForm } from '../../../src-main/training/policyForm.ts'
import type { FromSimulator, ToSimulator } from '../../../src-main/training/simulatorMessages.ts'
import { serveSimulations } from '../../../src-main/training/simulatorService.ts'

const robot = environmentById('hopper-v4')!
const { observationSize } = robot
const action = { kind: 'continuous' as const, size: 3 }
const problem = { observationSize, action, unboundedActions: false }
const bounds = { low: [-1, -1, -1], high: [1, 1, 1], clip: true }
const normaliser = {
  ...{ observations: null, actions: { kind: 'continuous' as const, ...bounds } },
  rewards: { scale: 1, shift: 0 }
}
const algorithm = algorithmById('bc')
const config = algorithm.schema.parse({ hiddenSizes: [16], keepRollouts: 0 })
const method = { algorithm, config, problem }
const tensors = policyTensors(method, algorithm.init(config, problem, 0))
const engine = (await onnxEngine.describe()).available ? onnxEngine : eagerEngine
const policy = await policyForm(method, tensors, engine)
const setting = {
  ...{ environmentId: robot.id, episodes: 5, keep: 0, schedule: null, returnToGo: null },
  ...{ scoreReference: null, folder: '' }
}

let tell: (order: ToSimulator) => void = () => undefined
let hear: (answer: FromSimulator) => void = () => undefined
serveSimulations({
  channel: {
    send: message => hear(message as FromSimulator),
    onMessage: listener => void (tell = listener)
  },
  environmentOf: () => ({ ...robot, maxSteps: 3 }),
  silentSeconds: 60
})
tell({ kind: 'open', job: 0, simulation: { setting, normaliser, policy } })
const resident: number[] = []
for (let cycle = 1; cycle <= 1200; cycle++) {
  const answer = new Promise<FromSimulator>(resolve => void (hear = resolve))
  const at = { step: cycle, seconds: 0 }
  tell({ kind: 'play', job: 0, at, range: { first: 0, count: 5 }, tensors })
  const { kind } = await answer
  if (kind !== 'played') throw new Error(`cycle ${cycle} failed`)
  if (cycle === 200 || cycle === 1200) {
    global.gc?.()
    resident.push(process.memoryUsage().rss)
  }
}
process.stdout.write(JSON.stringify(resident))
process.exit(0)
