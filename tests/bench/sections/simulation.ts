import { ant } from '../../../src-main/environments/mujoco/ant.ts'
import { halfCheetah } from '../../../src-main/environments/mujoco/halfCheetah.ts'
import { hopper } from '../../../src-main/environments/mujoco/hopper.ts'
import type { RobotSpec } from '../../../src-main/environments/mujoco/robot.ts'
import { walker2d } from '../../../src-main/environments/mujoco/walker2d.ts'
import type { Bench } from '../bench.ts'
import { startEvaluation } from '../contestants.ts'
import type { Evaluated } from '../evaluationRunner.ts'
import { median, rounded, type Table } from '../figures.ts'
import { simulationSpeed } from '../simulationLoops.ts'
import type { SimulationSpeed } from '../simulationLoops.ts'

const robots: readonly RobotSpec[] = [halfCheetah('v2'), hopper('v2'), walker2d('v2'), ant('v2'), ant('v5')]
const evaluated = robots[0]
const episodes = 10

/** Robots beside their physics alone, and ten episodes through a policy beside their simulation. */
export async function simulation(bench: Bench): Promise<Table[]> {
  const rows: (string | number)[][] = []
  const notes = [
    'Environment steps of random actions with observation, reward and end, in turns with a bare loop of `mj_step` over the same model and actions; one thread.'
  ]
  let simulated: SimulationSpeed | null = null
  for (const spec of robots) {
    const reason = bench.outOfTime()
    if (reason !== null) {
      notes.push(`${spec.title}: SKIPPED, ${reason}`)
      continue
    }
    const speed = await simulationSpeed(spec, bench.options)
    if (spec === evaluated) simulated = speed
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
  const table = { title: 'Simulated robots', columns, rows, notes }
  return simulated === null ? [table] : [table, await evaluations(bench, simulated)]
}

/** Ten episodes through a policy on one thread, per second of processor time, beside what their simulation alone takes. */
async function evaluations(bench: Bench, simulated: SimulationSpeed): Promise<Table> {
  const rows: (string | number)[][] = []
  const notes = [
    `${episodes} episodes of ${evaluated.title} in lock step through an untrained policy of IQL 2x256 on one thread; nothing is kept of them.`
  ]
  for (const { info } of bench.field.engines) {
    const reason = bench.outOfTime()
    const found = reason ?? (await speedOf(bench, info.id))
    if (typeof found === 'string') notes.push(`${info.id}: SKIPPED, ${found}`)
    else
      rows.push([
        info.id,
        rounded(found.stepsPerSecond),
        rounded(found.stepsPerCpuSecond),
        `${(simulated.stepsPerCpuSecond / found.stepsPerCpuSecond).toFixed(2)} x`
      ])
  }
  const columns = ['', 'steps/s', 'per CPU s', 'cost to the simulation alone, by CPU time']
  return { title: 'Evaluating ten episodes of a robot', columns, rows, notes }
}

async function speedOf(bench: Bench, engine: string): Promise<Evaluated | string> {
  try {
    const start = { engine, threads: 1, environment: evaluated.id, episodes }
    const process = await startEvaluation(start)
    try {
      await process.window(0)
      const windows: Evaluated[] = []
      for (let round = 0; round < bench.options.rounds; round++)
        windows.push(await process.window(bench.options.seconds))
      return {
        episodesPerSecond: median(windows.map(one => one.episodesPerSecond)),
        stepsPerSecond: median(windows.map(one => one.stepsPerSecond)),
        stepsPerCpuSecond: median(windows.map(one => one.stepsPerCpuSecond))
      }
    } finally {
      await process.close()
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
