import { ant } from '../../../src-main/environments/mujoco/ant.ts'
import { halfCheetah } from '../../../src-main/environments/mujoco/halfCheetah.ts'
import { hopper } from '../../../src-main/environments/mujoco/hopper.ts'
import type { RobotSpec } from '../../../src-main/environments/mujoco/robot.ts'
import { walker2d } from '../../../src-main/environments/mujoco/walker2d.ts'
import type { Bench } from '../bench.ts'
import { rounded, type Table } from '../figures.ts'
import { simulationSpeed } from '../simulationLoops.ts'

const robots: readonly RobotSpec[] = [halfCheetah('v2'), hopper('v2'), walker2d('v2'), ant('v2'), ant('v5')]

/** Robots beside their physics alone. */
export async function simulation(bench: Bench): Promise<Table[]> {
  const rows: (string | number)[][] = []
  const notes = [
    'Environment steps of random actions with observation, reward and end, in turns with a bare loop of `mj_step` over the same model and actions; one thread.'
  ]
  for (const spec of robots) {
    const reason = bench.outOfTime()
    if (reason !== null) {
      notes.push(`${spec.title}: SKIPPED, ${reason}`)
      continue
    }
    const speed = await simulationSpeed(spec, bench.options)
    rows.push([
      spec.title,
      rounded(speed.stepsPerSecond),
      rounded(speed.stepsPerCpuSecond),
      rounded(speed.bareStepsPerCpuSecond),
      `${(100 * speed.share).toFixed(0)} %`
    ])
    bench.say(`simulation: ${rows.at(-1)?.join(', ')}`)
  }
  const columns = ['', 'steps/s', 'per CPU s', 'bare, per CPU s', 'share']
  return [{ title: 'Simulated robots', columns, rows, notes }]
}
